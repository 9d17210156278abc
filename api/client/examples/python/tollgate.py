"""Asks tollgate what a Kimi call will cost before it is made.

Standard library only; copy the file. Numbers are tokens, money is decimal text
in the currency beside it, and None stands for what is not known.
"""

import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal


class Denied(Exception):
    """The call must not be made as it is: see the estimate's verdict."""

    def __init__(self, estimate):
        verdict = estimate["verdict"]
        super().__init__("; ".join(r["message"] for r in verdict["reasons"]) or verdict["decision"])
        self.estimate = estimate
        # The most max_completion_tokens with which it would be allowed.
        self.max_completion_tokens = verdict.get("caps", {}).get("max_completion_tokens")


class Refused(Exception):
    """tollgate can not answer this question; the problem says why."""

    def __init__(self, status, problem):
        super().__init__(f"tollgate answers {status}: {problem.get('detail', 'and not as tollgate does')}")
        self.status, self.problem = status, problem


class Unavailable(Exception):
    """There is no answer for now: nobody listens, or tollgate is overloaded."""


class Tollgate:
    def __init__(self, base_url="http://127.0.0.1:8080", key=None, timeout=30, retries=3, patience=5):
        self.base_url, self.key, self.timeout = base_url.rstrip("/"), key, timeout
        self.retries, self.patience = retries, patience  # patience: longest Retry-After to wait for, in seconds

    def estimate(self, request, **query):
        """The estimate of a chat request. Query parameters are those of POST /v1/estimate."""
        for attempt in range(self.retries + 1):
            status, headers, answer = self._ask(request, query)
            if status == 200 and answer.get("object") == "estimate":
                return answer
            after = headers.get("Retry-After") or ""
            again = status in (429, 503) and after.isdigit() and 0 < int(after) <= self.patience
            if not again or attempt == self.retries:
                break
            time.sleep(int(after) + random.uniform(0, 0.25 * 2**attempt))
        if status in (408, 429) or status >= 500:
            raise Unavailable(f"tollgate answers {status}")
        raise Refused(status, answer)

    def check(self, request, *, currency, max_cost, **query):
        """Returns the estimate of a call that may be made, and raises for every other."""
        estimate = self.estimate(request, currency=currency, max_cost=amount(max_cost), **query)
        if estimate["verdict"]["decision"] != "allow":
            raise Denied(estimate)
        return estimate

    def guard(self, create, **budget):
        """A create that checks first: guard(client.chat.completions.create, ...) of the openai package."""

        def checked(**params):
            transport = ("extra_headers", "extra_query", "extra_body", "timeout")
            body = {k: v for k, v in params.items() if k not in transport}
            self.check({**body, **(params.get("extra_body") or {})}, **budget)
            return create(**params)

        return checked

    def _ask(self, request, query):
        address = f"{self.base_url}/v1/estimate?{urllib.parse.urlencode(query)}"
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        question = urllib.request.Request(address, json.dumps(request).encode(), headers)
        try:
            with _opener.open(question, timeout=self.timeout) as response:
                return response.status, response.headers, _object(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, _object(error.read())
        except (OSError, urllib.error.URLError) as error:
            raise Unavailable("tollgate did not answer") from error


def amount(value):
    """A sum of money as text. A float is none: it is not exact."""
    if isinstance(value, float):
        raise TypeError('money is text or a Decimal, such as "0.02"')
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _object(text):
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key and a prompt go to the service that was named and nowhere else."""

    def redirect_request(self, *args):
        return None


_opener = urllib.request.build_opener(_NoRedirect)
