// Light or dark: as the system has it, or as it was chosen.

import { $ } from './dom.js';
import { t } from './language.js';
import { recall, remember } from './settings.js';

const themes = { auto: '◐', light: '○', dark: '●' };

export function setTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  remember('theme', theme);
  $('theme-mark').textContent = themes[theme] + ' ';
  $('theme-name').textContent = t('theme.' + theme);
  $('theme').setAttribute('aria-label', t('theme') + ': ' + t('theme.' + theme));
  $('theme').dataset.theme = theme;
}

export const rememberedTheme = () => Object.hasOwn(themes, recall('theme') ?? '') ? recall('theme') : 'auto';

// nextTheme changes to the next of them.
export function nextTheme() {
  const names = Object.keys(themes);
  setTheme(names[(names.indexOf($('theme').dataset.theme) + 1) % names.length]);
}
