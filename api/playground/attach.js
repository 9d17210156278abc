// The list of files, and the ways in which they come: a button, a drop, a paste.

import { $, el } from './dom.js';
import { size, t } from './language.js';
import * as media from './media.js';

const pictures = new WeakMap(); // object URLs, so that each is made once

// showMedia renders the files, each with a button to remove it.
export function showMedia(files, remove) {
  $('media').replaceChildren(...files.map((m) => el('li', {},
    picture(m),
    el('span', { class: 'what' },
      el('span', { class: 'name' }, m.name),
      el('span', { class: 'hint' }, m.base64 === null
        ? t('media.reading', { percent: Math.round(100 * m.done) })
        : size(m.size) + ' · ' + t('media.wire', { size: size(m.base64.size) }))),
    el('button', { type: 'button', 'aria-label': t('media.remove', { name: m.name }), onclick: () => remove(m) }, '✕'))));
}

function picture(medium) {
  if (medium.file === null || media.kindOf(medium) === 'video') return el('span', { class: 'film', 'aria-hidden': 'true' }, '▶');
  if (!pictures.has(medium)) pictures.set(medium, URL.createObjectURL(medium.file));
  return el('img', { src: pictures.get(medium), alt: '' });
}

// forget frees what the picture of a file holds.
export function forget(medium) {
  if (pictures.has(medium)) URL.revokeObjectURL(pictures.get(medium));
}

// acceptFiles takes files from the button, from drops anywhere on the page, and
// from the clipboard. take is called with each list of files.
export function acceptFiles(take) {
  $('pick').addEventListener('click', () => $('file').click());
  $('file').addEventListener('change', () => {
    take([...$('file').files]);
    $('file').value = '';
  });
  const holdsFiles = (event) => event.dataTransfer?.types.includes('Files');
  let inside = 0;
  const mark = (by) => {
    inside += by;
    $('drop').classList.toggle('over', inside > 0);
  };
  document.addEventListener('dragenter', (event) => { if (holdsFiles(event)) mark(1); });
  document.addEventListener('dragleave', (event) => { if (holdsFiles(event)) mark(-1); });
  document.addEventListener('dragover', (event) => { if (holdsFiles(event)) event.preventDefault(); });
  document.addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(-inside);
    take([...event.dataTransfer.files]);
  });
  document.addEventListener('paste', (event) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
}
