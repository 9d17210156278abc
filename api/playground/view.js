// An estimate as people read it.

import { $, el } from './dom.js';
import { language, money, named, number, percent, t } from './language.js';

const marks = { allow: '✓', allow_with_caps: '!', deny: '✕' };

// show renders an estimate. go is called with the pointer of a finding, cap
// with the output that would be allowed.
export function show(estimate, { go, cap }) {
  verdict(estimate.verdict, cap);
  glance(estimate.verdict.decision, essence(estimate));
  figures(estimate);
  bar(estimate);
  lines(estimate);
  findings(estimate.findings, go);
}

// summary is the estimate in one sentence.
export const summary = (e) => t('status.done', {
  decision: t('decision.' + e.verdict.decision),
  tokens: number(e.usage.prompt_tokens),
  cost: money(e.cost.currency, e.cost.expected),
});

function verdict({ decision, reasons, caps }, cap) {
  $('verdict').dataset.decision = decision;
  $('decision-mark').textContent = marks[decision];
  $('decision').textContent = t('decision.' + decision);
  $('reasons').replaceChildren(...reasons.map((r) =>
    el('li', {}, el('strong', {}, named('reason', r.code)), ' — ', el('span', { lang: 'en' }, r.message))));
  $('cap').hidden = caps === undefined;
  if (caps !== undefined) {
    const tokens = number(caps.max_completion_tokens);
    $('cap').replaceChildren(t('cap', { tokens }),
      el('button', { type: 'button', id: 'cap-use', onclick: () => cap(caps.max_completion_tokens) }, t('cap.use', { tokens })));
  }
}

// glance keeps the essence in sight on a narrow screen while the result is not.
export function glance(decision, text) {
  $('glance').dataset.decision = decision;
  $('glance').firstElementChild.textContent = marks[decision];
  $('glance-text').textContent = text;
}

const essence = ({ verdict: { decision }, usage, cost }) => [
  t('decision.' + decision), t('cut.many', { tokens: number(usage.prompt_tokens) }), money(cost.currency, cost.expected),
].join(' · ');

new IntersectionObserver(([result]) => { $('glance').hidden = result.isIntersecting; }, { rootMargin: '0px 0px -90px' }).observe($('result'));

// bounds says how sure a count is.
function bounds({ low, high, method }) {
  const range = high === null ? t('bounds.open', { low: number(low) })
    : low === high ? t('bounds.exact') : t('bounds.range', { low: number(low), high: number(high) });
  return range + ' · ' + named('method', method);
}

function figures({ usage, count, cost, context }) {
  $('tokens').textContent = number(usage.prompt_tokens);
  $('bounds').textContent = bounds(count);
  $('cost').textContent = money(cost.currency, cost.expected);
  $('cost-bounds').textContent = cost.low === null || cost.high === null ? cost.currency
    : cost.currency + ' · ' + t('bounds.range', { low: cost.low, high: cost.high });
  const parts = count.parts.map((p) => t('part.' + p.part, { tokens: number(p.tokens) }));
  $('parts').textContent = t('parts', { parts: parts.join(' · ') });
  $('left').textContent = number(context.headroom_after_completion);
  $('left-of').textContent = t('left.of', {
    length: number(context.length), used: percent(usage.total_tokens / context.length),
  });
}

function bar({ usage, context }) {
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  const free = Math.max(0, context.headroom_after_completion);
  const over = Math.max(0, -context.headroom_after_completion);
  const share = (tokens) => tokens === 0 ? '0' : `max(3px, ${100 * tokens / Math.max(context.length, prompt + completion)}%)`;
  const window = $('window');
  window.children[0].style.width = share(prompt);
  window.children[1].style.width = share(completion);
  window.classList.toggle('over', over > 0);
  window.setAttribute('aria-label', t('window.label', {
    length: number(context.length), prompt: number(prompt), completion: number(completion), free: number(free),
  }));
  const entries = [['prompt', prompt], ['completion', completion], over > 0 ? ['over', over] : ['free', free]];
  $('legend').replaceChildren(...entries.map(([name, tokens]) =>
    el('li', { class: 'l-' + name }, t('legend.' + name) + ' ' + number(tokens))));
}

function lines({ cost, price, rate_limit_tokens: rate }) {
  const row = (cell, ...cells) => el('tr', {}, cell, ...cells.map((c) => el('td', { class: 'n' }, c)));
  const [body] = $('lines').tBodies;
  body.replaceChildren(...cost.lines.map((l) =>
    row(el('th', { scope: 'row' }, named('item', l.item)), number(l.tokens), l.per_million, l.amount)));
  const foot = [row(el('th', { scope: 'row' }, t('item.total')), '', '', money(cost.currency, cost.expected))];
  $('lines').tFoot.replaceChildren(...foot);
  $('rate').textContent = t('rate', { tokens: number(rate) });
  $('price-source').hidden = price === null;
  if (price !== null) {
    const day = (text) => new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(text));
    $('price-source').replaceChildren(t('price.source', { since: day(price.effective_from), checked: day(price.checked) }), ' · ',
      ...(/^https?:/.test(price.source) ? [el('a', { href: price.source, rel: 'noreferrer', target: '_blank' }, t('price.page'))] : []));
  }
}

function findings(found, go) {
  $('findings-count').textContent = found.length > 0 ? number(found.length) : '';
  if (found.length === 0) {
    $('findings').replaceChildren(el('li', { class: 'hint' }, t('findings.none')));
    return;
  }
  $('findings').replaceChildren(...found.map((f) => el('li', {},
    el('div', { class: 'title' },
      el('span', { class: 'tag ' + f.severity }, named('severity', f.severity)), named('finding', f.code)),
    el('p', { lang: 'en' }, f.message),
    f.fix === '' ? null : el('p', { class: 'hint' }, t('fix') + ': ', el('span', { lang: 'en' }, f.fix)),
    f.pointer === '' ? null : place(f.pointer, go))));
}

// place is a button that goes to where a pointer points.
export const place = (pointer, go) => el('button', { type: 'button', class: 'link', onclick: () => go(pointer) },
  t('show'), ' ', el('code', {}, pointer));

// showCompared renders the same request on several models.
export function showCompared(rows, current) {
  // Only the lengths of bars are made of numbers; amounts are shown as they came.
  const dearest = Math.max(...rows.map((r) => Number(r.estimate?.cost.expected ?? 0)));
  $('compare').tBodies[0].replaceChildren(...rows.map(({ model, estimate, problem }) => {
    const name = el('th', { scope: 'row' }, model, ...(model === current ? [' ', el('span', { class: 'hint' }, t('compare.this'))] : []));
    const row = el('tr', model === current ? { class: 'this' } : {}, name);
    if (estimate === undefined) {
      row.append(el('td', { colspan: '4', class: 'reason d problem-row' }, t('compare.refused') + ': ', el('span', { lang: 'en' }, problem.detail)));
      return row;
    }
    const { usage, cost, context, verdict: { decision } } = estimate;
    row.append(
      el('td', { class: 'n' }, number(usage.prompt_tokens)),
      el('td', { class: 'n' }, money(cost.currency, cost.expected), share(cost.expected, dearest)),
      el('td', { class: 'n left' }, number(context.headroom_after_completion)),
      el('td', { class: 'd ' + decision }, short(estimate.verdict)));
    return row;
  }));
}


export const showNotCompared = (why) => $('compare').tBodies[0].replaceChildren(
  el('tr', {}, el('td', { colspan: '5', class: 'hint', lang: 'en' }, why)));

// short is a verdict in a few words.
function short({ decision, reasons: [reason], caps }) {
  if (caps !== undefined) return t('compare.cap', { tokens: number(caps.max_completion_tokens) });
  return decision === 'deny' && reason !== undefined ? named('reason', reason.code) : t('decision.' + decision);
}

// share is a bar of an amount's share of the most.
function share(amount, most) {
  const line = el('span', { class: 'share', 'aria-hidden': 'true' });
  line.style.width = amount === null || most === 0 ? '0' : 100 * Number(amount) / most + '%';
  return line;
}
