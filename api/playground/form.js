// The two ways to write a request, and from one to the other.

import { $, el, tabs } from './dom.js';
import { forget } from './attach.js';
import { examples } from './examples.js';
import * as media from './media.js';
import { fillOptions } from './options.js';
import { compose, decompose, modelOf } from './request.js';
import { changed, form, state } from './state.js';

export const selectTab = tabs(['tab-prompt', 'tab-json'], (id) => setMode(id === 'tab-json' ? 'json' : 'prompt'));

function setMode(mode) {
  if (mode === state.mode) return;
  if (mode === 'json') {
    const now = compose(form());
    if (now !== state.composed || $('json').value === '') $('json').value = now;
    state.composed = now;
  } else {
    const back = decompose($('json').value);
    if (back !== null) {
      const used = media.usedIn($('json').value);
      for (const m of media.list()) if (!used.includes(m)) media.remove(m);
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

export function fillForm({ model, system, prompt }) {
  if (model !== undefined && model !== '') selectModel(model);
  $('system').value = system;
  $('system-fold').open = system !== '';
  $('prompt').value = prompt;
}

export function setJSON(request) {
  selectTab('tab-json');
  $('json').value = request;
  modelFromJSON();
  changed();
}

// selectModel selects a model, one that is not in the catalogue too.
export function selectModel(id) {
  if (![...$('model').options].some((o) => o.value === id)) $('model').append(el('option', { value: id }, id));
  $('model').value = id;
}

export function modelFromJSON() {
  const id = modelOf($('json').value);
  if (id !== '') selectModel(id);
}

export function load(name) {
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
