// make shots: a picture of every page × language × width × theme in shots/, each
// held to the checks of harness/checks.mjs. Exit 1 when any page failed one.
//   node e2e/shots.mjs [NAME...]     only pages whose name begins with one of these
//   BREAKWATER_URL=http://…          a server that already runs

import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { browserMissing, locales, startBrowser, themes, visitor, widths } from './harness/browser.mjs';
import { complaints, inspect, unforeseen } from './harness/checks.mjs';
import { programMissing, provided, root, startProgram } from './harness/program.mjs';
import { arrive, pages } from './pages.mjs';
import { prepare } from './prepare.mjs';

const only = process.argv.slice(2);
const missing = browserMissing() || programMissing();
if (missing) {
  console.error(`!!! NO PICTURES: ${missing}`);
  process.exit(1);
}

const wanted = pages.filter((p) => only.length === 0 || only.some((o) => p.name.startsWith(o)));
const folder = path.join(root, 'shots');
if (only.length === 0) await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });

const program = await startProgram({ people: 2000, args: provided });
if (!process.env.BREAKWATER_URL) await prepare(program).catch(async (e) => { await program.stop(); throw e; });
const browser = await startBrowser();
const faults = [];
let taken = 0;

/** One visitor of one role, language, width and theme walks all pages of that role. */
async function walk({ role, lang, width, theme }) {
  const context = await visitor(browser, program.url, { role, lang, width, theme });
  try {
    const page = await context.newPage(); // one tab for all: twice as quick as one for each
    const heard = complaints(page);
    for (const p of wanted.filter((w) => w.role === role)) {
      const name = `${p.name}.${lang}.${width}.${theme}`;
      heard.length = 0;
      try {
        const status = await arrive(page, p);
        if (status !== (p.status ?? 200)) faults.push(`${name}: ${status} ${page.url()}`);
        await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true, animations: 'disabled', caret: 'hide' });
        taken++;
        for (const o of await inspect(page, { lang, heard: unforeseen(heard) })) faults.push(`${name}: ${o}`);
      } catch (e) {
        faults.push(`${name}: ${e.message.split('\n')[0]}`);
      }
    }
  } finally {
    await context.close();
  }
}

const walks = [...new Set(wanted.map((p) => p.role))].flatMap((role) =>
  Object.keys(locales).flatMap((lang) => widths.flatMap((width) => themes.map((theme) => ({ role, lang, width, theme })))));
try {
  // Two at a time: one draws while the other's page is being answered.
  await Promise.all([0, 1].map(async () => {
    for (let w = walks.shift(); w; w = walks.shift()) {
      await walk(w).catch((e) => faults.push(`${w.role ?? 'visitor'} ${w.lang} ${w.width} ${w.theme}: ${e.message.split('\n')[0]}`));
    }
  }));
} finally {
  await browser.close();
  await program.stop();
}

for (const f of [...new Set(faults)].sort()) console.log(`✖ ${f}`);
console.log(`${taken} pictures of ${wanted.length} pages in shots/, ${faults.length} faults`);
process.exitCode = faults.length > 0 || taken === 0 ? 1 : 0;
