// What the page remembers of its looks. Nothing else is ever kept, and where a
// browser keeps nothing the page works all the same.

export function recall(name) {
  try {
    return localStorage.getItem('tollgate.' + name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem('tollgate.' + name, value);
  } catch { /* private mode */ }
}
