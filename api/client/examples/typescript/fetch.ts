import { Denied, Refused, Tollgate, Unavailable } from "./tollgate.ts";

const tollgate = new Tollgate({ baseURL: process.env.TOLLGATE_URL });

for (const [model, most] of [["kimi-k2.6", 600], ["kimi-k2.6", 6000], ["kimi-k9", 600]] as const) {
  const request = { model, max_completion_tokens: most, messages: [{ role: "user", content: "Hello" }] };
  try {
    const { cost } = await tollgate.check(request, { currency: "CNY", max_cost: "0.02" });
    console.log("send it:", cost.currency, cost.high, "at most");
  } catch (error) {
    if (error instanceof Denied) {
      console.log("at most", error.estimate.verdict.caps?.max_completion_tokens, "tokens of output:", error.message);
    } else if (error instanceof Refused) {
      console.log(error.message);
    } else if (error instanceof Unavailable) {
      console.log("nobody can tell for now: try again later");
    } else {
      throw error;
    }
  }
}
