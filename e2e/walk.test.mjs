// The main stories by keyboard alone, and the pages of those who walk, wait and file at
// twice their size.

import assert from 'node:assert/strict';
import { sideways } from './harness/checks.mjs';
import { provided } from './harness/program.mjs';
import { house } from './harness/story.mjs';
import { arrive, pages } from './pages.mjs';
import { prepare } from './prepare.mjs';

const h = house({ people: 300, args: provided, timeout: 240_000 });
h.step('the district is filled', () => prepare(h.program));

/** What has the focus: a name a person can act on, and whether it can be seen. */
const focused = (page) => page.evaluate(() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  if (e.type === 'date') return { name: `date[name=${e.name}] ${Math.random()}`, seen: true, there: true }; // its parts are the browser's, and so is their mark
  const marked = (x) => {
    const s = x && getComputedStyle(x);
    return s && (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none');
  };
  // A box or its words show it; a choice hidden under its label shows it there.
  const label = e.id ? document.querySelector(`label[for="${CSS.escape(e.id)}"]`) : null;
  const r = e.getBoundingClientRect();
  return {
    name: `${e.localName}${e.id ? `#${e.id}` : ''}${e.getAttribute('name') ? `[name=${e.getAttribute('name')}]` : ''} ${(e.innerText ?? '').trim().slice(0, 30)}`,
    seen: marked(e) || marked(label) || marked(e.closest('label')),
    there: r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth || Boolean(label),
  };
});

/** Tabs until `until` has the focus; each stop on the way is visible and none holds on to it. */
async function tabTo(page, until, most = 120) {
  const goal = page.locator(until).first();
  let last = '', same = 0;
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    const at = await focused(page);
    if (!at) continue; // the browser's own bar
    assert.ok(at.seen, `${page.url()}: the focus is not seen on ${at.name}`);
    assert.ok(at.there, `${page.url()}: the focus is outside of the window on ${at.name}`);
    same = at.name === last ? same + 1 : 0;
    assert.ok(same < 15, `${page.url()}: a trap at ${at.name}`);
    last = at.name;
    if (await goal.evaluate((e) => e === document.activeElement)) return;
  }
  assert.fail(`${page.url()}: ${until} cannot be reached by Tab`);
}

/** Once around the page, so that there is no trap anywhere. */
async function around(page) {
  await page.evaluate(() => document.activeElement?.blur());
  const names = [];
  for (let i = 0; i < 200; i++) {
    await page.keyboard.press('Tab');
    const at = await focused(page);
    if (!at) return names; // out of it again
    assert.ok(at.seen, `${page.url()}: the focus is not seen on ${at.name}`);
    names.push(at.name);
    if (names.length > 3 && await page.evaluate(() => document.activeElement === document.querySelector('a[href], button, input'))) return names;
  }
  return assert.fail(`${page.url()}: no way out, ${names.slice(-4).join(' → ')}`);
}

h.step('worker: today’s report by keyboard alone', async ({ visit }) => {
  const page = await (await visit({ role: 'worker', width: 800 })).newPage();
  await page.goto('/me/health');
  await around(page);
  await page.goto('/me/health');
  await tabTo(page, 'form[action="/me/health"] button');
  await page.keyboard.press('Enter');
  await page.getByText('Reported today').first().waitFor();
});

h.step('firm: a filing by keyboard alone, its mistakes found from the summary', async ({ visit }) => {
  const page = await (await visit({ role: 'firm' })).newPage();
  await page.goto('/firm/file');
  await tabTo(page, '[name=declared_headcount]');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('many');
  await tabTo(page, '[name=act][value=check]');
  await page.keyboard.press('Enter');
  await page.locator('.summary').waitFor();
  await page.locator('.summary a').first().waitFor();
  if (!await page.evaluate(() => document.activeElement?.closest('.summary'))) await tabTo(page, '.summary a');
  else if (await page.evaluate(() => document.activeElement.localName !== 'a')) await tabTo(page, '.summary a');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'declared_headcount', 'the summary leads into the field');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('90');
  await tabTo(page, '[name=act][value=check]');
  await page.keyboard.press('Enter');
  await page.locator('[name=act][value=change]').waitFor();
  await tabTo(page, '[name=act][value=send], button.btn:not(.quiet)');
});

h.step('officer: from the list into a case and to a decision by keyboard alone', async ({ visit }) => {
  const page = await (await visit({ role: 'officer' })).newPage();
  await page.goto('/desk/cases');
  await tabTo(page, 'tbody a[href^="/desk/cases/"]');
  await Promise.all([page.waitForURL(/\/desk\/(cases|resumption)\/[a-z]+_/), page.keyboard.press('Enter')]);
  await around(page);
  await page.goto('/desk/resumption?state=returned');
  await tabTo(page, '#firms a[href^="/desk/resumption/fir_"]');
  await Promise.all([page.waitForURL(/resumption\/fir_/), page.keyboard.press('Enter')]);
  await tabTo(page, '[name=state]');
  await page.keyboard.press('ArrowDown');
  assert.ok(await page.locator('[name=state]:checked').count(), 'arrows choose among the answers');
  await tabTo(page, '[name=reason]');
  await page.keyboard.type('Seen on paper.');
  await tabTo(page, '[name=act][value=ask]');
  await page.keyboard.press('Enter');
  await page.locator('input[name=state][type=hidden]').first().waitFor({ state: 'attached' });
});

h.step('guard: a check by keyboard alone; the answer takes the focus and gives it back', async ({ visit }) => {
  const page = await (await visit({ role: 'guard', width: 800 })).newPage();
  await page.goto('/gate');
  await tabTo(page, '#dir-in, #dir-out');
  await tabTo(page, '#f-text');
  await page.keyboard.type('K7M2-9QXD');
  await page.keyboard.press('Enter');
  await page.locator('.over').waitFor();
  await page.waitForFunction(() => document.activeElement?.closest('.over'));
  assert.ok((await focused(page)).seen);
  await page.keyboard.press('Enter');
  await page.locator('.over').waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.id === 'f-text');
});

/** Text that its own box cuts off: wider than it, and hidden. */
const cut = (page) => page.evaluate(() => [...document.body.querySelectorAll('*')].filter((e) => {
  const s = getComputedStyle(e);
  return s.overflowX === 'hidden' && s.textOverflow !== 'ellipsis' && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1 && (e.innerText ?? '').trim() !== '' && !e.closest('.aside, svg');
}).map((e) => `cut: ${e.localName}.${[...e.classList].join('.')}: ${e.innerText.trim().slice(0, 40)}`));

for (const role of [...new Set(pages.map((p) => p.role))]) {
  h.step(`at twice its size every page of ${role ?? 'anybody'} is whole`, async ({ visit }) => {
    const faults = [];
    await Promise.all(['en', 'zh-Hans'].map(async (lang) => {
      const context = await visit({ role, lang, options: { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 } });
      const page = await context.newPage();
      for (const p of pages.filter((one) => one.role === role)) {
        try {
          await arrive(page, p);
          for (const width of [720, 640]) {
            await page.setViewportSize({ width, height: 450 });
            faults.push(...[...await sideways(page), ...await cut(page)].map((o) => `${p.name} ${lang} ${width}: ${o}`));
          }
        } catch (e) {
          faults.push(`${p.name} ${lang}: ${e.message.split('\n')[0]}`);
        }
      }
    }));
    assert.deepEqual(faults, []);
  });
}
