// The models to choose from, for the request and to compare it with.

import { $, el } from './dom.js';
import { selectModel } from './form.js';
import { t } from './language.js';
import { changed, state } from './state.js';

// chooseModels compares with all live models that have a price. Those without
// one can be chosen too; they are denied.
export function chooseModels(currency) {
  const priced = (m) => m.retired === null && m.prices.some((p) => p.currency === currency);
  state.chosen = new Set(state.catalogue.filter(priced).map((m) => m.id));
  renderChoice();
}

export function renderModels() {
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
