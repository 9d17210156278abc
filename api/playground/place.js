// From what a pointer names to where it stands on the page.

import { $ } from './dom.js';
import { selectTab } from './form.js';
import { lineOf, locate, tree } from './json.js';
import { state } from './state.js';

// go shows the place that a pointer of a finding or an error names.
export function go(pointer) {
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
