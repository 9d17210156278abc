// What the page asks the service. The key of the caller lives here, in memory.

let key = '';

export const setKey = (k) => { key = k.trim(); };
export const hasKey = () => key !== '';

// Problem is an answer that is not what was asked for.
export class Problem extends Error {
  constructor(status, document) {
    super(document.detail ?? 'status ' + status);
    this.status = status;
    this.document = document;
  }
}

// address is the URL of a route, wherever the service is mounted.
export const address = (path) => new URL(path, document.baseURI).href;

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (key !== '') headers.Authorization = 'Bearer ' + key;
  const answer = await fetch(address(path), { ...options, headers, credentials: 'omit', cache: 'no-store' });
  const body = await answer.json();
  if (!answer.ok) throw new Problem(answer.status, body);
  return body;
}

const post = (path, body, signal) =>
  ask(path, { method: 'POST', body, signal, headers: { 'Content-Type': 'application/json' } });

const withQuery = (path, query) => query.size > 0 ? path + '?' + query : path;

export const models = async () => (await ask('v1/models')).data;
export const estimate = (body, query, signal) => post(withQuery('v1/estimate', query), body, signal);
export const tokens = (body, signal) => post('playground/tokens', body, signal);

// compare estimates one request for several models. It answers, in the order of
// the models, {model, estimate} or {model, problem}.
export async function compare(body, models, query, signal) {
  if (models.length === 0) return [];
  const both = new URLSearchParams(query);
  both.set('models', models.join(','));
  return (await post(withQuery('v1/estimate/compare', both), body, signal)).data;
}
