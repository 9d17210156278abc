// Asks a running tollgate with the official SDKs, and prints what each call
// answered or threw, as one JSON object.
//
//   node count.mjs URL KEY
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [url, key] = process.argv.slice(2);
const anthropic = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
const openai = new OpenAI({ baseURL: url + "/v1", apiKey: key, maxRetries: 0 });

const model = "kimi-k2.6";
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const png =
  "iVBORw0KGgoAAAANSUhEUgAAAHAAAABUAQMAAABgEyEoAAAABlBMVEUfb+v///9NRQk2AAAALElEQVR42mL4////BwYGGDXKHYxcBgYG/v///yOoUe6g446m2EHPBQQAAP//nI1ibxiLTasAAAAASUVORK5CYII=";

const calls = {
  anthropic_text: () =>
    anthropic.messages.countTokens({
      model,
      system: "You are a terse assistant.",
      messages: [{ role: "user", content: "What does a token cost?" }],
    }),
  anthropic_image: () =>
    anthropic.messages.countTokens({
      model,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Describe the picture." },
            { type: "image", source: { type: "base64", media_type: "image/png", data: png } },
          ],
        },
      ],
    }),
  anthropic_loop: () =>
    anthropic.messages.countTokens({
      model,
      thinking: { type: "enabled", budget_tokens: 2048 },
      tool_choice: { type: "auto" },
      tools: [{ name: "get_weather", description: "Current weather of a city.", input_schema: parameters }],
      messages: [
        { role: "user", content: "What is the weather in Hangzhou?" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "A tool has to be called.", signature: "" },
            { type: "tool_use", id: "get_weather:0", name: "get_weather", input: { city: "Hangzhou" } },
          ],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "get_weather:0", content: "23 degrees" }] },
      ],
    }),
  anthropic_unknown_model: () =>
    anthropic.messages.countTokens({ model: "claude-sonnet-5", messages: [{ role: "user", content: "Hello" }] }),
  anthropic_document: () =>
    anthropic.messages.countTokens({
      model,
      messages: [
        {
          role: "user",
          content: [{ type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjcK" } }],
        },
      ],
    }),
  anthropic_wrong_key: () =>
    new Anthropic({ baseURL: url, apiKey: "another", maxRetries: 0 }).messages.countTokens({
      model,
      messages: [{ role: "user", content: "Hello" }],
    }),

  openai_text: () =>
    openai.responses.inputTokens.count({
      model,
      instructions: "You are a terse assistant.",
      input: "What does a token cost?",
    }),
  openai_image: () =>
    openai.responses.inputTokens.count({
      model,
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "Describe the picture." },
            { type: "input_image", detail: "auto", image_url: "data:image/png;base64," + png },
          ],
        },
      ],
    }),
  openai_loop: () =>
    openai.responses.inputTokens.count({
      model,
      tools: [
        { type: "function", name: "get_weather", description: "Current weather of a city.", parameters, strict: null },
      ],
      input: [
        { role: "user", content: "What is the weather in Hangzhou?" },
        {
          type: "reasoning",
          id: "rs_1",
          summary: [],
          content: [{ type: "reasoning_text", text: "A tool has to be called." }],
        },
        { type: "function_call", call_id: "get_weather:0", name: "get_weather", arguments: '{"city":"Hangzhou"}' },
        { type: "function_call_output", call_id: "get_weather:0", output: "23 degrees" },
      ],
    }),
  openai_unknown_model: () => openai.responses.inputTokens.count({ model: "gpt-6", input: "Hello" }),
  openai_stored: () => openai.responses.inputTokens.count({ model, input: "And then?", previous_response_id: "resp_1" }),
  openai_wrong_key: () =>
    new OpenAI({ baseURL: url + "/v1", apiKey: "another", maxRetries: 0 }).responses.inputTokens.count({
      model,
      input: "Hello",
    }),

  vendor_path: () =>
    openai.post("/tokenizers/estimate-token-count", {
      body: {
        model,
        messages: [
          { role: "system", content: "You are a terse assistant." },
          { role: "user", content: "What does a token cost?" },
        ],
      },
    }),
  vendor_path_unknown_model: () =>
    openai.post("/tokenizers/estimate-token-count", {
      body: { model: "gpt-6", messages: [{ role: "user", content: "Hello" }] },
    }),
};

const results = {};
for (const [name, ask] of Object.entries(calls)) {
  try {
    results[name] = { answer: await ask() };
  } catch (e) {
    results[name] = { thrown: e.constructor.name, status: e.status, message: e.message, type: e.type ?? e.error?.error?.type };
  }
}
console.log(JSON.stringify(results, null, 2));
