// The language of the page: what it is, and how numbers and sizes read in it.

import { recall, remember } from './settings.js';
import { strings } from './strings.js';

const setting = 'language';
let current = choose();

function choose() {
  const wanted = recall(setting) ?? navigator.language ?? 'en';
  return wanted.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

export const language = () => current;

// t returns a text with its {names} filled in.
export function t(key, values = {}) {
  const text = strings[current][key];
  if (text === undefined) throw new Error('no text is called ' + key);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// named returns the text of a code of the service's, or the code itself: a
// newer service may have more of them.
export function named(group, code) {
  return strings[current][group + '.' + code] ?? code.replaceAll('_', ' ');
}

// toggle changes to the other language.
export function toggle() {
  current = current === 'en' ? 'zh-CN' : 'en';
  remember(setting, current);
}

// apply sets all fixed texts of the page.
export function apply() {
  document.documentElement.lang = current;
  document.title = 'tollgate ' + t('title');
  for (const e of document.querySelectorAll('[data-i18n]')) e.textContent = t(e.dataset.i18n);
  for (const e of document.querySelectorAll('[data-i18n-aria]')) e.setAttribute('aria-label', t(e.dataset.i18nAria));
  for (const e of document.querySelectorAll('[data-i18n-placeholder]')) e.placeholder = t(e.dataset.i18nPlaceholder);
}

export const percent = (share) => new Intl.NumberFormat(current, { style: 'percent', maximumFractionDigits: share < 0.1 ? 2 : 0 }).format(share);
export const number = (n) => new Intl.NumberFormat(current).format(n);

export function size(bytes) {
  if (bytes < 1000) return number(bytes) + ' B';
  const [unit, by] = bytes < 1e6 ? ['kB', 1e3] : ['MB', 1e6];
  return new Intl.NumberFormat(current, { maximumFractionDigits: 1 }).format(bytes / by) + ' ' + unit;
}

// money is exact decimal text of the service's, and is only ever shown.
const symbols = { CNY: '¥', USD: '$' };
export const money = (currency, amount) => amount === null ? t('amount.none') : (symbols[currency] ?? currency + ' ') + amount;
