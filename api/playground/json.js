// Where things are in a JSON text. JSON.parse does not say, and the page has to
// point at them and to change one without touching the rest.

class SyntaxProblem extends Error {
  constructor(at) {
    super('not JSON');
    this.at = at;
  }
}

const space = /[ \t\n\r]*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// A run of plain characters, then escapes with runs behind them: a loop over
// single characters would overflow in a text of megabytes.
const string = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) throw new SyntaxProblem(this.at);
    this.at = pattern.lastIndex;
    return found[0];
  }

  // next passes over white space and returns the character that follows.
  next() {
    this.take(space);
    return this.text[this.at];
  }

  expect(character) {
    if (this.next() !== character) throw new SyntaxProblem(this.at);
    this.at++;
  }

  value() {
    const first = this.next();
    const node = { start: this.at, end: 0, children: null };
    if (first === '{' || first === '[') {
      node.children = new Map();
      this.children(node.children, first === '{');
    } else {
      this.take(first === '"' ? string : scalar);
    }
    node.end = this.at;
    return node;
  }

  children(into, named) {
    const close = named ? '}' : ']';
    this.at++;
    if (this.next() === close) {
      this.at++;
      return;
    }
    for (let i = 0; ; i++) {
      let name = String(i);
      if (named) {
        this.next();
        name = JSON.parse(this.take(string));
        this.expect(':');
      }
      into.set(name, this.value());
      if (this.next() === close) break;
      this.expect(',');
    }
    this.at++;
  }
}

// tree reads a text into nodes {start, end, children}: children is a Map of
// members or items, null of anything else. It answers {root} or {at}, the place
// where the text stops being JSON.
export function tree(text) {
  const reader = new Reader(text);
  try {
    const root = reader.value();
    if (reader.next() !== undefined) return { at: reader.at };
    return { root };
  } catch (e) {
    if (e instanceof SyntaxProblem) return { at: e.at };
    return { at: reader.at }; // nested deeper than anything reads
  }
}

const names = (pointer) => pointer.split('/').slice(1).map((n) => n.replaceAll('~1', '/').replaceAll('~0', '~'));

// locate returns the node that an RFC 6901 pointer names, or the nearest one
// above it that is there.
export function locate(root, pointer) {
  let node = root;
  for (const name of names(pointer)) {
    const child = node.children?.get(name);
    if (child === undefined) break;
    node = child;
  }
  return node;
}

// find returns the pointer of the first string that has a part, or null.
export function find(text, node, part, pointer = '') {
  if (node.children === null) {
    return text.slice(node.start, node.end).includes(part) ? pointer : null;
  }
  for (const [name, child] of node.children) {
    const found = find(text, child, part, pointer + '/' + name.replaceAll('~', '~0').replaceAll('/', '~1'));
    if (found !== null) return found;
  }
  return null;
}

// lineOf returns the line and the column of a place, both from 1.
export function lineOf(text, at) {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1).length + 1 };
}
