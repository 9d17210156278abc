// What is assumed of a call beside its request: the query of an estimate.

import { $ } from './dom.js';
import { t } from './language.js';

export const fields = ['completion_tokens', 'cached_share', 'max_cost', 'currency'];

// setError says at a field what is wrong with it, or that nothing is.
export function setError(id, text) {
  const note = $(id + '-error');
  note.textContent = text;
  note.hidden = text === '';
  if (text === '') $(id).removeAttribute('aria-invalid');
  else $(id).setAttribute('aria-invalid', 'true');
}

// shareOf turns per cent into a share by moving the point, so that no figure
// goes through a float. It returns null for what is no number of per cent.
export function shareOf(percent) {
  const found = /^(\d{1,3})(?:\.(\d{1,7}))?$/.exec(percent.replace(/\s*%$/, '').replace(',', '.'));
  if (found === null) return null;
  const digits = found[1].padStart(3, '0') + (found[2] ?? '');
  const share = (digits[0] + '.' + digits.slice(1)).replace(/\.?0+$/, '');
  return Number(share) > 1 ? null : share;
}

// readOptions returns the query, or null where a field can not be read.
export function readOptions() {
  const query = new URLSearchParams();
  let sound = true;
  for (const id of fields) {
    setError(id, '');
    const typed = $(id).value.trim();
    if (typed === '') continue;
    let value = typed;
    if (id === 'completion_tokens') value = typed.replace(/[,\s_]/g, '');
    if (id === 'cached_share') value = shareOf(typed);
    const wrong = value === null ? 'error.percent' : id !== 'currency' && !/^\d+(\.\d+)?$/.test(value) ? 'error.number' : '';
    if (wrong !== '') {
      setError(id, t(wrong));
      sound = false;
    } else if (value !== '0' || id !== 'cached_share') {
      query.set(id, value);
    }
  }
  return sound ? query : null;
}

export function fillOptions(values) {
  for (const id of ['completion_tokens', 'cached_share', 'max_cost']) $(id).value = values[id] ?? '';
}
