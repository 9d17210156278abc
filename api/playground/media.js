// Images and videos of a request. In every text that is shown a file is a mark,
// {{name}}; its base64 takes the mark's place only when a request is sent.

const largest = 100e6; // bytes of a request that the vendor takes at most
const slice = 3 << 20; // a multiple of 3, so that encoded slices can be joined

let all = [];

export const list = () => all;
export const remove = (medium) => { all = all.filter((m) => m !== medium); };
export const clear = () => { all = []; };

export const markOf = (medium) => '{{' + medium.mark + '}}';
export const urlOf = (medium) => 'data:' + medium.type + ';base64,' + markOf(medium);
export const kindOf = (medium) => medium.type.startsWith('video/') ? 'video' : 'image';
export const partOf = (medium) => {
  const type = kindOf(medium) + '_url';
  return { type, [type]: { url: urlOf(medium) } };
};

// encodedSize is how many bytes of base64 a file of some bytes becomes.
export const encodedSize = (bytes) => 4 * Math.ceil(bytes / 3);

export const tooLarge = (file) => encodedSize(file.size) > largest;
export const isMedia = (file) => /^(image|video)\//.test(file.type);

function uniqueMark(name) {
  const clean = name.replace(/[^\p{L}\p{N}._-]+/gu, '-') || 'file';
  let mark = clean;
  for (let i = 2; all.some((m) => m.mark === mark); i++) mark = i + '-' + clean;
  return mark;
}

// add takes a file in and encodes it bit by bit, so that the page stays alive.
// progress is told of the share that is done.
export async function add(file, progress) {
  const medium = { name: file.name, mark: uniqueMark(file.name), type: file.type, size: file.size, file, base64: null, done: 0 };
  all.push(medium);
  const encoded = [];
  for (let from = 0; from < file.size; from += slice) {
    if (!all.includes(medium)) return null;
    encoded.push(await encode(file.slice(from, from + slice)));
    medium.done = Math.min(1, (from + slice) / file.size);
    progress(medium);
  }
  medium.base64 = new Blob(encoded);
  return medium;
}

function encode(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

// Shorter base64 may stay in a text.
const pasted = /data:((image|video)\/([\w.+-]+));base64,([A-Za-z0-9+/]{400,}={0,2})/g;

// elide takes the files out of a pasted text and leaves their marks.
export function elide(text) {
  return text.replace(pasted, (_, type, kind, format, base64) => {
    const mark = uniqueMark('pasted-' + kind + '.' + format.replace(/\W.*/, ''));
    const medium = {
      name: mark, mark, type, size: Math.floor(base64.length * 3 / 4) - (base64.match(/=*$/)[0].length),
      file: null, base64: new Blob([base64]), done: 1,
    };
    all.push(medium);
    return urlOf(medium);
  });
}

// usedIn returns the files whose marks are in a text, in their order there.
export function usedIn(text) {
  const place = (m) => text.indexOf(';base64,' + markOf(m));
  return all.filter((m) => place(m) >= 0).sort((a, b) => place(a) - place(b));
}

// split cuts a text at its marks: strings and media in turn.
export function split(text) {
  const parts = [];
  let from = 0;
  const marks = /;base64,\{\{([^{}]+)\}\}/g;
  for (const found of text.matchAll(marks)) {
    const medium = all.find((m) => m.mark === found[1]);
    if (medium === undefined) continue;
    const at = found.index + ';base64,'.length;
    parts.push(text.slice(from, at), medium);
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

// expand is the text as it is sent, with every file in its place.
export const expand = (text) => new Blob(split(text).map((p) => typeof p === 'string' ? p : p.base64 ?? ''));
