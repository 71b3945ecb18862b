// The sweep: every page of pages.mjs as the role that uses it. English is met on a
// light phone and Chinese on a dark desk, each then at the other width; `make shots`
// tries every combination.

import assert from 'node:assert/strict';
import { complaints, inspect, unforeseen, sideways } from './harness/checks.mjs';
import { house } from './harness/story.mjs';
import { arrive, pages } from './pages.mjs';
import { prepare } from './prepare.mjs';

const h = house({ people: 400, timeout: 300_000 });
h.step('the district is filled', () => prepare(h.program));

for (const role of [...new Set(pages.map((p) => p.role))]) {
  for (const [lang, width, theme] of [['en', 360, 'light'], ['zh-Hans', 1440, 'dark']]) {
    h.step(`pages of ${role ?? 'anybody'} in ${lang}, ${theme}`, async ({ visit }) => {
      const context = await visit({ role, lang, width, theme });
      const faults = [];
      for (const p of pages.filter((one) => one.role === role)) {
        const page = await context.newPage();
        const heard = complaints(page);
        const say = (list) => faults.push(...list.map((o) => `${p.name} ${page.viewportSize().width}: ${o}`));
        try {
          const status = await arrive(page, p);
          if (status !== (p.status ?? 200)) say([`${status} ${page.url()}`]);
          say(await inspect(page, { lang, heard: unforeseen(heard) }));
          await page.setViewportSize(width === 360 ? { width: 1440, height: 900 } : { width: 360, height: 740 });
          say(await sideways(page));
        } catch (e) {
          say([e.message.split('\n')[0]]);
        }
        await page.close();
      }
      assert.deepEqual(faults, []);
    });
  }
}
