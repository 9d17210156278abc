import os
from tollgate import Denied, Refused, Tollgate, Unavailable

tollgate = Tollgate(os.environ.get("TOLLGATE_URL", "http://127.0.0.1:8080"))
budget = {"currency": "CNY", "max_cost": "0.02"}

for model, most in [("kimi-k2.6", 600), ("kimi-k2.6", 6000), ("kimi-k9", 600)]:
    request = {
        "model": model,
        "max_completion_tokens": most,
        "messages": [{"role": "user", "content": "Hello"}],
    }
    try:
        estimate = tollgate.check(request, **budget)
        print("send it:", estimate["cost"]["currency"], estimate["cost"]["high"], "at most")
    except Denied as denied:
        print("at most", denied.max_completion_tokens, "tokens of output:", denied)
    except Refused as refused:
        print(refused)
    except Unavailable:
        print("nobody can tell for now: try again later")
