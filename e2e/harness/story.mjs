// A story: one program, one browser, and steps a person would take. Where the
// program or the browser cannot be had, stories are skipped with a loud line;
// with REQUIRE_BROWSER=1 that is a failure.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browserMissing, startBrowser, visitor } from './browser.mjs';
import { complaints, inspect } from './checks.mjs';
import { programMissing, startProgram } from './program.mjs';

/**
 * Call once in a test file. `how` goes to startProgram; {program: false} is a
 * file of checks that need the browser only.
 */
export function house(how = {}) {
  const missing = browserMissing() || (how.program === false ? '' : programMissing());
  const required = Boolean(process.env.REQUIRE_BROWSER);
  const skip = missing && !required ? `NOT TRIED IN A BROWSER: ${missing}` : false;
  if (skip) console.log(`\n!!! ${skip}\n`);
  const h = {
    browser: undefined, program: undefined,
    get url() { return h.program?.url ?? 'http://127.0.0.1'; },
    /** A step of the story; context and pages it opens with `visit` are closed after it. */
    step(name, fn) {
      test(name, { skip, timeout: how.timeout ?? 60_000 }, async (t) => {
        const open = [];
        try {
          await fn({
            t,
            visit: async (as) => { const c = await visitor(h.browser, h.url, as); open.push(c); return c; },
            look: (page, path, lang) => look(page, path, lang),
          });
        } finally {
          for (const c of open) await c.close();
        }
      });
    },
  };
  before(async () => {
    if (skip) return;
    assert.equal(missing, '', missing);
    h.browser = await startBrowser();
    if (how.program !== false) h.program = await startProgram(how);
  });
  after(async () => {
    await h.browser?.close();
    await h.program?.stop();
  });
  return h;
}

/** Opens a path and holds it to every check of harness/checks.mjs. */
async function look(page, path, lang) {
  const heard = complaints(page);
  const answer = await page.goto(path);
  assert.equal(answer.status(), 200, `${path}: ${answer.status()}`);
  assert.deepEqual(await inspect(page, { lang, heard }), [], path);
  return answer;
}
