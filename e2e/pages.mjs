// Every page a person can meet, as data: `make shots` takes each at both widths,
// in both themes and both languages, as the role that uses it. A new page is one
// line here. `follow` opens the first link of that selector on the page, for
// addresses that hold an id.

/** @type {{name: string, path: string, role?: string, follow?: string}[]} */
export const pages = [
  { name: 'front', path: '/' },
  { name: 'demo', path: '/demo' },
  { name: 'sign-in', path: '/sign-in' },
  { name: 'verify', path: '/verify' },
  { name: 'status', path: '/status' },
];
