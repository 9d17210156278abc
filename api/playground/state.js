// What the page holds: which request, which answer.

import { $ } from './dom.js';
import * as media from './media.js';
import { compose } from './request.js';

export const state = {
  mode: 'prompt', // or 'json'
  composed: '', // what the form was when it last became JSON
  snippet: 'curl',
  catalogue: [],
  chosen: null, // models to compare with; null until the currency is known
  vocabulary: null, // whether the service has it; null until it says so
  last: null, // {estimate, rows, cut, text} that is shown
};

export const form = () => ({ model: $('model').value, system: $('system').value, prompt: $('prompt').value, media: media.list() });
export const text = () => state.mode === 'json' ? $('json').value : compose(form());
export const files = () => state.mode === 'json' ? media.usedIn($('json').value) : media.list();
export const fieldOfText = () => state.mode === 'json' ? 'json' : 'prompt';

let listener = () => {};

// whenChanged names what is called after every change of the request.
export const whenChanged = (f) => { listener = f; };
export const changed = () => listener();
