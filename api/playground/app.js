// The page: what is typed becomes a request, and the answer of the service to it
// is shown. Every change starts over, and answers to older ones are dropped.

import { acceptFiles, forget, showMedia } from './attach.js';
import { showCut, showNotCut } from './cut.js';
import { $, el, tabs } from './dom.js';
import { examples } from './examples.js';
import { lineOf, locate, tree } from './json.js';
import { apply, size, t, toggle } from './language.js';
import * as media from './media.js';
import { fields, fillOptions, readOptions, setError } from './options.js';
import { compose, decompose, modelOf, withMedium, withModel, withoutMedium } from './request.js';
import { Problem, address, compare, estimate, hasKey, models, setKey, tokens } from './service.js';
import { recall, remember } from './settings.js';
import { snippet } from './snippets.js';
import { place, show, showCompared, showNotCompared, summary } from './view.js';

const pause = 220; // ms without a change, after which the service is asked
const vendorPause = 900; // the same where the vendor is asked, who counts calls
const large = 4e6; // bytes from which on a request is only sent when asked for

const mostCompared = 32; // that one request may ask for

const state = {
  mode: 'prompt', // or 'json'
  composed: '', // what the form was when it last became JSON
  snippet: 'curl',
  catalogue: [],
  chosen: null, // models to compare with; null until the currency is known
  vocabulary: null, // whether the service has it; null until it says so
  last: null, // {estimate, rows, cut, text} that is shown
};

// The request.

const form = () => ({ model: $('model').value, system: $('system').value, prompt: $('prompt').value, media: media.list() });
const text = () => state.mode === 'json' ? $('json').value : compose(form());
const files = () => state.mode === 'json' ? media.usedIn($('json').value) : media.list();
const fieldOfText = () => state.mode === 'json' ? 'json' : 'prompt';

// Asking.

let timer = 0;
let running = new AbortController();

// changed is called after every change of the request.
function changed() {
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

function renderFiles() {
  showMedia(files(), removeFile);
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

// Going to a place.

// go shows the place that a pointer of a finding or an error names.
function go(pointer) {
  if (state.mode === 'prompt') {
    const field = fieldOf(pointer);
    if (field !== null) {
      field.focus();
      field.scrollIntoView({ block: 'nearest' });
      return;
    }
    selectTab('tab-json');
  }
  const area = $('json');
  const { root } = tree(area.value);
  area.focus();
  if (root === undefined) return;
  const node = locate(root, pointer);
  area.setSelectionRange(node.start, node.end);
  const rowHeight = parseFloat(getComputedStyle(area).lineHeight);
  area.scrollTop = Math.max(0, (lineOf(area.value, node.start).line - 4) * rowHeight);
  area.scrollIntoView({ block: 'nearest' });
}

// fieldOf returns the field of the form that holds what a pointer names.
function fieldOf(pointer) {
  if (pointer === '/model') return $('model');
  if (/max_(completion_)?tokens$/.test(pointer)) return $('completion_tokens');
  const found = /^\/messages\/(\d+)(?:\/content(?:\/(\d+))?)?/.exec(pointer);
  if (found === null) return null;
  const system = $('system').value.trim() !== '';
  if (system && found[1] === '0') {
    $('system-fold').open = true;
    return $('system');
  }
  return $('media').children[found[2]]?.querySelector('button') ?? $('prompt');
}

// Files.

async function takeFiles(given) {
  setMediaError('');
  for (const file of given) {
    if (/json$/.test(file.type) || file.name.endsWith('.json')) {
      setJSON(media.elide(await file.text()));
    } else if (!media.isMedia(file)) {
      setMediaError(t('media.kind', { name: file.name }));
    } else if (media.tooLarge(file)) {
      setMediaError(t('media.large', { name: file.name, size: size(file.size) }));
    } else {
      await takeMedium(file);
    }
  }
}

async function takeMedium(file) {
  try {
    const medium = await media.add(file, renderFiles);
    if (medium !== null && state.mode === 'json') {
      const request = withMedium($('json').value, medium);
      if (request === null) media.remove(medium);
      else $('json').value = request;
    }
  } catch {
    for (const m of media.list()) if (m.file === file) media.remove(m);
    setMediaError(t('media.unreadable', { name: file.name }));
  }
  renderFiles();
  changed();
}

function removeFile(medium) {
  if (state.mode === 'json') $('json').value = withoutMedium($('json').value, medium);
  media.remove(medium);
  forget(medium);
  renderFiles();
  changed();
  $('pick').focus();
}

function setMediaError(message) {
  $('media-error').textContent = message;
  $('media-error').hidden = message === '';
}

// The form and the JSON.

function setMode(mode) {
  if (mode === state.mode) return;
  if (mode === 'json') {
    const now = compose(form());
    if (now !== state.composed || $('json').value === '') $('json').value = now;
    state.composed = now;
  } else {
    const back = decompose($('json').value);
    if (back !== null) {
      fillForm(back);
      state.composed = compose(form());
    }
  }
  state.mode = mode;
  $('pane-prompt').hidden = mode === 'json';
  $('pane-json').hidden = mode === 'prompt';
  if (mode === 'json') modelFromJSON();
  changed();
}

function fillForm({ model, system, prompt }) {
  if (model !== undefined && model !== '') selectModel(model);
  $('system').value = system;
  $('system-fold').open = system !== '';
  $('prompt').value = prompt;
}

function setJSON(request) {
  selectTab('tab-json');
  $('json').value = request;
  modelFromJSON();
  changed();
}

// selectModel selects a model, one that is not in the catalogue too.
function selectModel(id) {
  if (![...$('model').options].some((o) => o.value === id)) $('model').append(el('option', { value: id }, id));
  $('model').value = id;
}

function modelFromJSON() {
  const id = modelOf($('json').value);
  if (id !== '') selectModel(id);
}

function load(name) {
  const { form: filled, request, options } = examples[name];
  for (const m of media.list()) forget(m);
  media.clear();
  fillOptions(options);
  if (request !== undefined) {
    setJSON(JSON.stringify({ model: $('model').value, ...request }, null, 2));
    return;
  }
  fillForm(filled);
  selectTab('tab-prompt');
  changed();
}

// The catalogue.

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

// chooseModels compares with all live models that have a price. Those without
// one can be chosen too; they are denied.
function chooseModels(currency) {
  const priced = (m) => m.retired === null && m.prices.some((p) => p.currency === currency);
  state.chosen = new Set(state.catalogue.filter(priced).map((m) => m.id));
  renderChoice();
}

function renderModels() {
  const selected = $('model').value;
  const group = (name, list) => el('optgroup', { label: t(name) }, ...list.map((m) => el('option', { value: m.id }, m.id)));
  $('model').replaceChildren(
    group('model.live', state.catalogue.filter((m) => m.retired === null)),
    group('model.retired', state.catalogue.filter((m) => m.retired !== null)));
  if (selected !== '') selectModel(selected);
}

function renderChoice() {
  $('compare-models').replaceChildren(...state.catalogue.map((m) => {
    const box = el('input', { type: 'checkbox', value: m.id });
    box.checked = state.chosen.has(m.id);
    box.addEventListener('change', () => {
      if (box.checked) state.chosen.add(m.id);
      else state.chosen.delete(m.id);
      changed();
    });
    return el('label', {}, box, m.id);
  }));
}

// Looks.

const themes = { auto: '◐', light: '○', dark: '●' };

function setTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  remember('theme', theme);
  $('theme-mark').textContent = themes[theme] + ' ';
  $('theme-name').textContent = t('theme.' + theme);
  $('theme').setAttribute('aria-label', t('theme') + ': ' + t('theme.' + theme));
  $('theme').dataset.theme = theme;
}

const rememberedTheme = () => Object.hasOwn(themes, recall('theme') ?? '') ? recall('theme') : 'auto';

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

// Wiring.

const selectTab = tabs(['tab-prompt', 'tab-json'], (id) => setMode(id === 'tab-json' ? 'json' : 'prompt'));

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
$('theme').addEventListener('click', () => {
  const names = Object.keys(themes);
  setTheme(names[(names.indexOf($('theme').dataset.theme) + 1) % names.length]);
});
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

fillForm(examples.text.form);
fillOptions(examples.text.options);
setLanguage();
loadModels();
