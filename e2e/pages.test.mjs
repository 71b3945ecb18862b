// The sweep: every page of pages.mjs as the role that uses it. English is met on a
// light phone and Chinese on a dark desk, each then at the other width; `make shots`
// tries every combination.

import assert from 'node:assert/strict';
import { complaints, inspect, unforeseen, sideways } from './harness/checks.mjs';
import { provided } from './harness/program.mjs';
import { house } from './harness/story.mjs';
import { arrive, pages } from './pages.mjs';
import { prepare } from './prepare.mjs';

const h = house({ people: 400, args: provided, timeout: 300_000 });
h.step('the district is filled', () => prepare(h.program));

/**
 * One visitor walks all pages of a role in one tab, which is twice as quick as a
 * tab for each, and says what was wrong.
 */
async function walk(context, role, lang, size, other) {
  const faults = [];
  const page = await context.newPage();
  const heard = complaints(page);
  for (const p of pages.filter((one) => one.role === role)) {
    heard.length = 0;
    const say = (list) => faults.push(...list.map((o) => `${p.name} ${lang} ${page.viewportSize().width}: ${o}`));
    try {
      await page.setViewportSize(size);
      const status = await arrive(page, p);
      if (status !== (p.status ?? 200)) say([`${status} ${page.url()}`]);
      say(await inspect(page, { lang, heard: unforeseen(heard) }));
      await page.setViewportSize(other);
      say(await sideways(page));
    } catch (e) {
      say([e.message.split('\n')[0]]);
    }
  }
  return faults;
}

const phone = { width: 360, height: 740 }, desk = { width: 1440, height: 900 };

for (const role of [...new Set(pages.map((p) => p.role))]) {
  h.step(`every page of ${role ?? 'anybody'}`, async ({ visit }) => {
    const en = await visit({ role, lang: 'en', width: 360, theme: 'light' });
    const zh = await visit({ role, lang: 'zh-Hans', width: 1440, theme: 'dark' });
    const faults = await Promise.all([walk(en, role, 'en', phone, desk), walk(zh, role, 'zh-Hans', desk, phone)]);
    assert.deepEqual(faults.flat(), []);
  });
}
