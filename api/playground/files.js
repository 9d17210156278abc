// The files of the request: taking them in, and letting them go.

import { $ } from './dom.js';
import { forget, showMedia } from './attach.js';
import { setJSON } from './form.js';
import { size, t } from './language.js';
import * as media from './media.js';
import { withMedium, withoutMedium } from './request.js';
import { changed, files, state } from './state.js';

export async function takeFiles(given) {
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

export function renderFiles() {
  showMedia(files(), removeFile);
}
