// The request as a text of JSON, in which files are marks.

import { find, locate, tree } from './json.js';
import { markOf, partOf, split, urlOf, kindOf } from './media.js';

// compose makes a request of what the form has.
export function compose({ model, system, prompt, media }) {
  const messages = [];
  if (system.trim() !== '') messages.push({ role: 'system', content: system });
  const content = media.length === 0 ? prompt : [...media.map(partOf), ...(prompt === '' ? [] : [{ type: 'text', text: prompt }])];
  messages.push({ role: 'user', content });
  return JSON.stringify({ model, messages }, null, 2);
}

// decompose is the form of a request, or null if the form does not hold all of
// it.
export function decompose(text) {
  let request;
  try {
    request = JSON.parse(text);
  } catch {
    return null;
  }
  if (!onlyHas(request, ['model', 'messages']) || !Array.isArray(request.messages)) return null;
  const messages = [...request.messages];
  const form = { model: String(request.model ?? ''), system: '', prompt: '' };
  if (messages[0]?.role === 'system' && typeof messages[0].content === 'string') form.system = messages.shift().content;
  const [user, ...rest] = messages;
  if (rest.length > 0 || user?.role !== 'user' || !onlyHas(user, ['role', 'content'])) return null;
  if (typeof user.content === 'string') return { ...form, prompt: user.content };
  if (!Array.isArray(user.content)) return null;
  const texts = user.content.filter((p) => p?.type === 'text');
  const known = user.content.filter((p) => split(p?.image_url?.url ?? p?.video_url?.url ?? '').length === 3);
  if (texts.length > 1 || texts.length + known.length < user.content.length) return null;
  return { ...form, prompt: texts[0]?.text ?? '' };
}

const onlyHas = (object, names) =>
  object !== null && typeof object === 'object' && Object.keys(object).every((n) => names.includes(n));

// replaced puts a JSON value in place of a node.
const replaced = (text, node, value) => text.slice(0, node.start) + value + text.slice(node.end);

// modelOf returns the model that a request names, or nothing.
export function modelOf(text) {
  const node = tree(text).root?.children?.get('model');
  if (node === undefined || text[node.start] !== '"') return '';
  return JSON.parse(text.slice(node.start, node.end));
}

// withModel is the same request for another model; null if it names none.
export function withModel(text, model) {
  const node = tree(text).root?.children?.get('model');
  return node === undefined ? null : replaced(text, node, JSON.stringify(model));
}

// withMedium is the request with a file in its last user message; null if it
// has none.
export function withMedium(text, medium) {
  const { root } = tree(text);
  const messages = root?.children?.get('messages')?.children;
  if (messages == null) return null;
  for (const message of [...messages.values()].reverse()) {
    const role = message.children?.get('role');
    const content = message.children?.get('content');
    if (content === undefined || role === undefined || text.slice(role.start, role.end) !== '"user"') continue;
    const part = `{"type": "${kindOf(medium)}_url", "${kindOf(medium)}_url": {"url": ${JSON.stringify(urlOf(medium))}}}`;
    const old = text.slice(content.start, content.end);
    if (old.startsWith('"')) return replaced(text, content, `[\n    ${part},\n    {"type": "text", "text": ${old}}\n  ]`);
    if (old.startsWith('[')) {
      const comma = content.children.size > 0 ? ', ' : '';
      return text.slice(0, content.start + 1) + part + comma + text.slice(content.start + 1);
    }
  }
  return null;
}

// withoutMedium is the request without the part that has the file.
export function withoutMedium(text, medium) {
  const { root } = tree(text);
  const pointer = root === undefined ? null : find(text, root, markOf(medium));
  const part = pointer?.match(/^\/messages\/\d+\/content\/\d+/);
  if (part == null) return text.replaceAll(markOf(medium), '');
  const node = locate(root, part[0]);
  const before = text.slice(0, node.start);
  const after = text.slice(node.end);
  if (/^\s*,/.test(after)) return before + after.replace(/^\s*,\s*/, '');
  return before.replace(/,\s*$/, '') + after;
}
