// Requests to begin with.

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city today',
    parameters: { type: 'object', properties: { city: { type: 'string', description: 'Name of the city' } }, required: ['city'] },
  },
};

// Each is a form {system, prompt} or a request, and the options that go with it.
export const examples = {
  text: { form: { system: '', prompt: 'Summarise the minutes of the meeting in three sentences, and name who has to do what by when.' }, options: { completion_tokens: '600' } },
  chinese: { form: { system: '', prompt: '请用三句话概括这份会议纪要，并列出每个人的待办事项和截止日期。' }, options: { completion_tokens: '600' } },
  tools: { request: { messages: [{ role: 'user', content: 'Do I need an umbrella in Hangzhou today?' }], tools: [weather] }, options: { completion_tokens: '200' } },
  budget: { form: { system: '', prompt: 'Write a story of a thousand words about a bridge keeper.' }, options: { completion_tokens: '32768', max_cost: '0.05' } },
  temperature: { request: { messages: [{ role: 'user', content: 'Name three rivers.' }], temperature: 0.3, max_tokens: 100 }, options: {} },
};
