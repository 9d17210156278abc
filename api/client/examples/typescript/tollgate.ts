// Asks tollgate what a Kimi call will cost before it is made.
//
// No dependencies; copy the file. Numbers are tokens, money is decimal text in
// the currency beside it, and null stands for what is not known.

export interface Budget {
  currency: "CNY" | "USD";
  max_cost: string; // for one call, such as "0.02"; a number would not be exact
  completion_tokens?: number; // expected output; without it the request's maximum
  cached_tokens?: number;
  cached_share?: string; // 0 to 1
  max_prompt_tokens?: number;
  min_headroom?: number;
  basis?: "high" | "expected" | "low";
  method?: "auto" | "vendor" | "tokenizer" | "approximation";
}

export interface Estimate {
  object: "estimate";
  model: string;
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
  count: { method: string; low: number; high: number | null };
  cost: { currency: string; expected: string | null; low: string | null; high: string | null };
  verdict: {
    decision: "allow" | "allow_with_caps" | "deny";
    reasons: { code: string; message: string }[];
    caps?: { max_completion_tokens: number; binding: "budget" | "window" };
  };
  findings: { code: string; severity: string; pointer: string; message: string; fix: string }[];
}

export interface Problem {
  status: number;
  code?: string;
  detail?: string;
}

/** The call must not be made as it is. */
export class Denied extends Error {
  estimate: Estimate;
  constructor(estimate: Estimate) {
    super(estimate.verdict.reasons.map((r) => r.message).join("; ") || estimate.verdict.decision);
    this.name = "Denied";
    this.estimate = estimate;
  }
}

/** tollgate can not answer this question; the problem says why. */
export class Refused extends Error {
  problem: Problem;
  constructor(problem: Problem) {
    super(`tollgate answers ${problem.status}: ${problem.detail ?? "and not as tollgate does"}`);
    this.name = "Refused";
    this.problem = problem;
  }
}

/** There is no answer for now: nobody listens, or tollgate is overloaded. */
export class Unavailable extends Error {
  override name = "Unavailable";
}

export interface Options {
  baseURL?: string;
  key?: string;
  timeout?: number; // of one attempt, in milliseconds
  retries?: number; // after a 429 or 503 that says when to come back
  patience?: number; // longest Retry-After to wait for, in seconds
}

export class Tollgate {
  #base: string;
  #options: Required<Omit<Options, "baseURL">>;

  constructor({ baseURL = "http://127.0.0.1:8080", key = "", timeout = 30_000, retries = 3, patience = 5 }: Options = {}) {
    this.#base = baseURL.replace(/\/+$/, "");
    this.#options = { key, timeout, retries, patience };
  }

  /** The estimate of a chat request, given as an object or as its JSON. */
  async estimate(request: object | string, query: Partial<Budget> = {}, signal?: AbortSignal): Promise<Estimate> {
    for (let attempt = 0; ; attempt++) {
      const response = await this.#ask(request, query, signal);
      const answer = (await response.json().catch(() => null)) as Estimate | Problem | null;
      if (response.status === 200 && answer && "object" in answer && answer.object === "estimate") return answer;
      const after = Number(response.headers.get("Retry-After") ?? 0);
      const again = [429, 503].includes(response.status) && after > 0 && after <= this.#options.patience;
      if (!again || attempt >= this.#options.retries) {
        const { status } = response;
        if (status === 408 || status === 429 || status >= 500) throw new Unavailable(`tollgate answers ${status}`);
        throw new Refused({ ...(answer as Problem | null), status });
      }
      await new Promise((done) => setTimeout(done, after * 1000 + Math.random() * 250 * 2 ** attempt));
      signal?.throwIfAborted();
    }
  }

  /** The estimate of a call that may be made; every other throws. */
  async check(request: object | string, budget: Budget, signal?: AbortSignal): Promise<Estimate> {
    if (typeof budget.max_cost !== "string" || !budget.currency) throw new TypeError('a budget has a max_cost such as "0.02" and a currency');
    const estimate = await this.estimate(request, budget, signal);
    if (estimate.verdict.decision !== "allow") throw new Denied(estimate);
    return estimate;
  }

  async #ask(request: object | string, query: Partial<Budget>, signal?: AbortSignal): Promise<Response> {
    const { key, timeout } = this.#options;
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const limits = [AbortSignal.timeout(timeout), ...(signal ? [signal] : [])];
    try {
      return await fetch(`${this.#base}/v1/estimate?${new URLSearchParams(given.map(([k, v]) => [k, String(v)]))}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) },
        body: typeof request === "string" ? request : JSON.stringify(request),
        redirect: "manual", // a key and a prompt go to the service that was named
        signal: AbortSignal.any(limits),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new Unavailable("tollgate did not answer", { cause });
    }
  }
}

/**
 * A fetch for the openai package that sends only chat completions that the
 * budget allows: new OpenAI({ fetch: budgetFetch(tollgate, budget) }).
 *
 * A call that is not sent is answered with a status instead of an exception, as
 * the package takes an exception for a broken connection and tries again: 402
 * when it is denied, 422 when it can not be told, 503 while tollgate is away. With
 * whenAway "allow" calls go out unchecked then.
 */
export function budgetFetch(tollgate: Tollgate, budget: Budget, whenAway: "refuse" | "allow" = "refuse"): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const method = init?.method ?? (input instanceof Request ? input.method : "GET");
    if (method !== "POST" || !/\/chat\/completions\/*$/.test(url.pathname)) return fetch(input, init);
    if (typeof init?.body !== "string") return refusal(422, "tollgate_unchecked", "the body is no text, so it can not be checked");
    try {
      await tollgate.check(init.body, budget, init.signal ?? undefined);
    } catch (error) {
      if (error instanceof Denied) return refusal(402, error.estimate.verdict.reasons[0]?.code ?? "denied", error.message, error.estimate);
      if (error instanceof Refused) return refusal(422, error.problem.code ?? "tollgate_refused", error.message);
      if (!(error instanceof Unavailable)) throw error;
      if (whenAway === "refuse") return refusal(503, "tollgate_unavailable", error.message);
    }
    return fetch(input, init);
  };
}

function refusal(status: number, code: string, message: string, estimate?: Estimate): Response {
  return Response.json({ error: { message, type: "tollgate", code }, estimate }, { status });
}
