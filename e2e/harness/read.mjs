// Reading back what a person would hold in the hand: codes from the screen or
// from printed paper, by Debian's zbarimg and pdftoppm rather than by our own code.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Which of the two programs cannot be found here. */
export function readersMissing() {
  return [['zbarimg', 'zbar-tools'], ['pdftoppm', 'poppler-utils']].filter(([name]) => spawnSync(name, ['--version']).error)
    .map(([name, of]) => `no ${name} (Debian: ${of})`).join(', ');
}

function run(name, args) {
  return new Promise((resolve, reject) => { execFile(name, args, (e, out, err) => (e ? reject(new Error(`${name}: ${err || e.message}`)) : resolve(out))); });
}

async function inFolder(fn) {
  const dir = await mkdtemp(path.join(tmpdir(), 'breakwater-read-'));
  try { return await fn(dir); } finally { await rm(dir, { recursive: true, force: true }); }
}

/** The texts of the QR codes on one picture, sorted. */
export function codesOn(png) {
  return inFolder(async (dir) => {
    const file = path.join(dir, 'page.png');
    await writeFile(file, png);
    return texts(await run('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file]));
  });
}

/** The texts of the QR codes on a page as it leaves an office printer, and how many sheets it took. */
export function codesPrinted(pdf) {
  return inFolder(async (dir) => {
    await writeFile(path.join(dir, 'page.pdf'), pdf);
    await run('pdftoppm', ['-r', '200', '-gray', '-png', path.join(dir, 'page.pdf'), path.join(dir, 'sheet')]);
    const sheets = (await readdir(dir)).filter((n) => n.endsWith('.png')).map((n) => path.join(dir, n));
    return { sheets: sheets.length, codes: texts(await run('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', ...sheets])) };
  });
}

const texts = (out) => out.split('\n').filter(Boolean).sort();
