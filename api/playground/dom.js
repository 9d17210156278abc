// Making elements. Text is only ever text: nothing of a request or an answer
// becomes markup.

export const $ = (id) => document.getElementById(id);

// el makes an element with properties (class for className, on* for listeners)
// and children, of which strings become text and null is left out.
export function el(tag, properties = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
    else if (name === 'class') e.className = value;
    else e.setAttribute(name, value);
  }
  e.append(...children.filter((c) => c !== null));
  return e;
}

// tabs makes a row of tabs work with the keyboard, and calls back with the id
// of the one that is chosen.
export function tabs(ids, chosen) {
  const buttons = ids.map($);
  const choose = (button, focus) => {
    for (const b of buttons) {
      b.setAttribute('aria-selected', String(b === button));
      b.tabIndex = b === button ? 0 : -1;
    }
    if (focus) button.focus();
    chosen(button.id);
  };
  buttons.forEach((button, i) => {
    button.addEventListener('click', () => choose(button, false));
    button.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const to = step ? buttons.at((i + step) % buttons.length) : { Home: buttons[0], End: buttons.at(-1) }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      choose(to, true);
    });
  });
  return (id) => choose($(id), false);
}
