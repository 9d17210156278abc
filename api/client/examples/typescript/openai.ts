import OpenAI from "openai";
import { budgetFetch, Tollgate } from "./tollgate.ts";

const tollgate = new Tollgate({ baseURL: process.env.TOLLGATE_URL });
const kimi = new OpenAI({
  apiKey: process.env.MOONSHOT_API_KEY,
  baseURL: process.env.MOONSHOT_BASE_URL ?? "https://api.moonshot.cn/v1",
  fetch: budgetFetch(tollgate, { currency: "CNY", max_cost: "0.02" }),
});

for (const most of [600, 6000]) {
  try {
    const answer = await kimi.chat.completions.create({
      model: "kimi-k2.6",
      max_completion_tokens: most,
      messages: [{ role: "user", content: "Hello" }],
    });
    console.log(answer.choices[0]?.message.content);
  } catch (error) {
    if (!(error instanceof OpenAI.APIError) || error.status !== 402) throw error;
    console.log("not sent:", error.code);
  }
}
