// The texts of a request in the colours of their tokens.

import { $, el } from './dom.js';
import { number, t } from './language.js';

const colours = 5;

// textAt returns the text that a pointer of the service's names.
function textAt(request, pointer) {
  let value = request;
  for (const name of pointer.split('/').slice(1)) value = value[name];
  return value;
}

// pieces cuts a text at the ends of its tokens, whose lengths are in bytes of
// UTF-8. Tokens that share a character stay together.
export function pieces(text, lengths) {
  const out = [];
  let from = 0, at = 0, bytes = 0, end = 0, tokens = 0;
  for (const length of lengths) {
    end += length;
    tokens++;
    while (bytes < end && at < text.length) {
      const c = text.codePointAt(at);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      at += c < 0x10000 ? 1 : 2;
    }
    if (bytes === end) {
      out.push({ text: text.slice(from, at), tokens });
      from = at;
      tokens = 0;
    }
  }
  return out;
}

function coloured({ text, tokens }, i) {
  const span = el('span', { class: 't' + i % colours + (text.includes('\n') ? ' nl' : '') }, text);
  if (tokens > 1) span.dataset.n = tokens;
  return span;
}

const many = (tokens) => tokens === 1 ? t('cut.one') : t('cut.many', { tokens: number(tokens) });

// showCut renders what the service answered for a request text, which is JSON.
export function showCut(answer, text) {
  $('cut-count').textContent = '';
  if (!answer.vocabulary) {
    $('cut').replaceChildren(el('p', { class: 'hint' }, t('cut.none')), el('code', { class: 'command' }, 'tollgate vocab pull'));
    return;
  }
  if (answer.texts.length === 0) {
    $('cut').replaceChildren(el('p', { class: 'hint' }, t('cut.nothing')));
    return;
  }
  const request = JSON.parse(text);
  const total = answer.texts.reduce((n, { lengths }) => n + lengths.length, 0);
  $('cut-count').textContent = many(total);
  $('cut').replaceChildren(...answer.texts.flatMap(({ pointer, lengths }) => [
    ...(answer.texts.length > 1 ? [el('p', { class: 'hint' }, pointer + ' · ' + many(lengths.length))] : []),
    el('pre', { tabindex: '0', 'aria-label': t('cut.for', { where: pointer }) }, ...pieces(textAt(request, pointer), lengths).map(coloured)),
  ]), ...(answer.truncated ? [el('p', { class: 'hint' }, t('cut.truncated'))] : []));
}

export const showNotCut = (why) => $('cut').replaceChildren(el('p', { class: 'hint', lang: 'en' }, why));
