// The page: what is typed becomes a request, and the answer of the service to it
// is shown. Every change starts over, and answers to older ones are dropped.

import { acceptFiles } from './attach.js';
import { chooseModels, renderModels } from './catalogue.js';
import { showCut, showNotCut } from './cut.js';
import { $, el, tabs } from './dom.js';
import { examples } from './examples.js';
import { renderFiles, takeFiles } from './files.js';
import { fillForm, load, modelFromJSON, selectModel, setJSON } from './form.js';
import { lineOf, tree } from './json.js';
import { apply, size, t, toggle } from './language.js';
import * as media from './media.js';
import { fields, fillOptions, readOptions, setError } from './options.js';
import { go } from './place.js';
import { withModel } from './request.js';
import { Problem, address, compare, estimate, hasKey, models, setKey, tokens } from './service.js';
import { snippet } from './snippets.js';
import { changed, fieldOfText, files, state, text, whenChanged } from './state.js';
import { nextTheme, rememberedTheme, setTheme } from './theme.js';
import { glance, place, show, showCompared, showNotCompared, summary } from './view.js';

const pause = 220; // ms without a change, after which the service is asked
const vendorPause = 900; // the same where the vendor is asked, who counts calls
const large = 4e6; // bytes from which on a request is only sent when asked for

const mostCompared = 32; // that one request may ask for

// Asking.

let timer = 0;
let running = new AbortController();

// later asks once nothing has changed for a while.
function later() {
  clearTimeout(timer);
  running.abort();
  timer = setTimeout(ask, asksVendor() ? vendorPause : pause);
  renderSnippet();
}

// asksVendor reports whether the vendor counted last time.
const asksVendor = () => ['vendor', 'mixed'].includes(state.last?.estimate.count.method);

function askNow() {
  clearTimeout(timer);
  return ask({ large: true });
}

async function ask(allow = {}) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  clearErrors();
  const query = readOptions();
  const request = text();
  renderFiles();
  renderSnippet();
  if (query === null || !isJSON(request) || files().some((f) => f.base64 === null) || state.catalogue.length === 0) return unasked();
  const body = media.expand(request);
  const tooLarge = body.size > large && !allow.large;
  $('manual').hidden = !tooLarge;
  if (tooLarge) {
    $('manual-text').textContent = t('manual.large', { size: size(body.size) });
    return unasked();
  }
  busy(true);
  try {
    const answer = await estimate(body, query, signal);
    if (!signal.aborted) await answered(answer, { request, body, query, signal });
  } catch (e) {
    if (!signal.aborted) failed(e);
  } finally {
    if (!signal.aborted) busy(false);
  }
}

function isJSON(request) {
  const { at } = tree(request);
  if (at === undefined) return true;
  setError(fieldOfText(), t('error.json', lineOf(request, at)));
  return false;
}

function busy(now) {
  $('estimate').setAttribute('aria-busy', String(now));
  $('estimate').classList.remove('stale');
}

// unasked leaves the last estimate where it is, and shows that it is of what was
// there before.
function unasked() {
  busy(false);
  $('estimate').classList.add('stale');
}

async function answered(answer, asked) {
  state.last = { estimate: answer, rows: null, cut: null, text: asked.request };
  $('problem').hidden = true;
  $('key-form').hidden = true;
  $('estimate').hidden = false;
  if (state.chosen === null) chooseModels(answer.cost.currency);
  renderEstimate();
  $('status').textContent = summary(answer);
  busy(false);
  await askCut(asked).catch((e) => beside(e, asked, showNotCut));
  await askCompared(answer, asked).catch((e) => beside(e, asked, showNotCompared));
}

// beside shows that something beside the estimate failed, in its own place.
function beside(error, { signal }, showFailed) {
  if (signal.aborted) return;
  if (!(error instanceof Problem)) throw error;
  showFailed(error.message);
}

async function askCompared(answer, { body, query, signal }) {
  const others = state.catalogue.map((m) => m.id).filter((id) => state.chosen.has(id) && id !== answer.model);
  const local = new URLSearchParams(query);
  // One call of the vendor for each change is enough.
  if (asksVendor()) local.set('method', state.vocabulary ? 'tokenizer' : 'approximation');
  const rows = await compare(body, others.slice(0, mostCompared), local, signal);
  if (signal.aborted) return;
  const order = state.catalogue.map((m) => m.id);
  state.last.rows = [{ model: answer.model, estimate: answer }, ...rows].sort((a, b) => order.indexOf(a.model) - order.indexOf(b.model));
  renderCompared();
}

async function askCut({ request, signal }) {
  // The marks in place of the files are enough: only texts are cut.
  const cut = state.vocabulary === false ? { vocabulary: false } : await tokens(request, signal);
  if (signal.aborted) return;
  state.vocabulary = cut.vocabulary;
  state.last.cut = cut;
  showCut(cut, request);
}

// Showing.

function renderEstimate() {
  show(state.last.estimate, {
    go,
    cap: (value) => {
      $('completion_tokens').value = String(value);
      changed();
      $('completion_tokens').focus();
    },
  });
}

function renderCompared() {
  showCompared(state.last.rows, state.last.estimate.model);
  $('compare-local').hidden = !asksVendor();
}

function renderSnippet() {
  const query = readQuietly();
  const request = text();
  $('snippet').textContent = snippet(state.snippet, {
    text: request, key: hasKey(), url: address('v1/estimate') + (query.size > 0 ? '?' + query : ''),
  });
  const notes = [];
  if (files().length > 0) notes.push(t('snippet.files', { files: files().map((f) => f.name).join(', ') }));
  if (hasKey()) notes.push(t('snippet.key'));
  $('snippet-files').hidden = notes.length === 0;
  $('snippet-files').textContent = notes.join(' ');
}

const readQuietly = () => readOptions() ?? new URLSearchParams();

// failed shows why there is no estimate, at the place that is to blame.
function failed(error) {
  if (!(error instanceof Problem)) {
    showProblem(t('problem.title'), t('error.network'), []);
    if (!(error instanceof TypeError)) throw error; // a fault of the page's own
    return;
  }
  const { status, document: problem } = error;
  if (status === 401 || status === 403) {
    askKey(status);
    return;
  }
  for (const { pointer, parameter, detail } of problem.errors ?? []) {
    if (fields.includes(parameter)) setError(parameter, detail);
    else if (pointer === '/model' && state.mode === 'prompt') setError('model', detail);
    else if (pointer !== undefined) setError(fieldOfText(), detail);
  }
  showProblem(t('problem.title'), problem.detail, problem.errors ?? []);
}

function showProblem(title, detail, errors) {
  $('estimate').hidden = true;
  $('problem').hidden = false;
  $('problem-title').textContent = title;
  $('problem-detail').textContent = detail;
  $('problem-errors').replaceChildren(...errors.filter((e) => e.pointer).map((e) => el('li', {}, place(e.pointer, go))));
  $('status').textContent = t('status.problem') + ' ' + detail;
  glance('deny', title);
}

function clearErrors() {
  for (const id of ['model', 'prompt', 'json']) setError(id, '');
}

function askKey(status) {
  $('key-form').hidden = false;
  $('key-error').hidden = status !== 403;
  $('key-error').textContent = status === 403 ? t('key.refused') : '';
  $('key').focus();
}

// Beginning.

const preferred = 'kimi-k2.6';

async function loadModels() {
  try {
    state.catalogue = await models();
  } catch (e) {
    failed(e);
    return;
  }
  $('key-form').hidden = true;
  const live = state.catalogue.filter((m) => m.retired === null);
  renderModels();
  selectModel(live.some((m) => m.id === preferred) ? preferred : state.catalogue[0].id);
  if (state.mode === 'json') modelFromJSON();
  await ask();
}

// setLanguage shows everything in the language that is chosen.
function setLanguage() {
  apply();
  $('lang').textContent = document.documentElement.lang === 'en' ? '中文' : 'English';
  $('lang').lang = document.documentElement.lang === 'en' ? 'zh-CN' : 'en';
  setTheme(rememberedTheme());
  $('example').replaceChildren(el('option', { value: '' }, t('example.title')),
    ...Object.keys(examples).map((name) => el('option', { value: name }, t('example.' + name))));
  renderModels();
  renderFiles();
  if (state.last !== null) {
    renderEstimate();
    if (state.last.rows !== null) renderCompared();
    if (state.last.cut !== null) showCut(state.last.cut, state.last.text);
  }
  renderSnippet();
}

tabs(['tab-curl', 'tab-go', 'tab-python'], (id) => {
  state.snippet = id.slice('tab-'.length);
  $('snippet').setAttribute('aria-labelledby', id);
  renderSnippet();
});

for (const id of ['prompt', 'system', ...fields]) $(id).addEventListener('input', changed);

$('json').addEventListener('input', () => {
  modelFromJSON();
  changed();
});

// A pasted file is taken out before the editor has to show it.
for (const id of ['json', 'prompt']) {
  $(id).addEventListener('paste', (event) => {
    const given = event.clipboardData.getData('text/plain');
    const short = id === 'json' ? media.elide(given) : given;
    const request = id === 'prompt' && /^\s*\{/.test(given) && Array.isArray(parsed(given)?.messages);
    if (short === given && !request) return;
    event.preventDefault();
    if (request) {
      setJSON(media.elide(given));
      return;
    }
    $('json').setRangeText(short, $('json').selectionStart, $('json').selectionEnd, 'end');
    modelFromJSON();
    changed();
  });
}

function parsed(given) {
  try {
    return JSON.parse(given);
  } catch {
    return null;
  }
}

$('model').addEventListener('change', () => {
  if (state.mode === 'json') $('json').value = withModel($('json').value, $('model').value) ?? $('json').value;
  changed();
});
$('example').addEventListener('change', () => {
  if ($('example').value !== '') load($('example').value);
  $('example').value = '';
});
$('run').addEventListener('click', askNow);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    askNow();
  }
});
$('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  setKey($('key').value);
  $('key').value = '';
  if (state.catalogue.length === 0) loadModels();
  else ask();
});
$('lang').addEventListener('click', () => {
  toggle();
  setLanguage();
});
$('theme').addEventListener('click', nextTheme);
$('copy').addEventListener('click', async () => {
  let done = 'copied';
  try {
    await navigator.clipboard.writeText($('snippet').textContent);
  } catch {
    done = 'copy.failed';
  }
  $('copy').textContent = t(done);
  setTimeout(() => { $('copy').textContent = t('copy'); }, 2000);
});
acceptFiles(takeFiles);
whenChanged(later);

fillForm(examples.text.form);
fillOptions(examples.text.options);
setLanguage();
loadModels();
