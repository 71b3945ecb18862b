// What htmx asked for and did not get is said beside the form, in the reader's
// language; the page keeps what was typed, and a guard never stands before a page
// on which a press does nothing.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { offline } from './harness/browser.mjs';
import { axe } from './harness/checks.mjs';
import { root } from './harness/program.mjs';
import { house } from './harness/story.mjs';

const h = house({ people: 400 });
const words = (lang) => (key) => JSON.parse(readFileSync(path.join(root, `internal/i18n/text/web.${lang}.toml`), 'utf8').match(new RegExp(`^"web\\.${key}" = (".*")$`, 'm'))[1]);
const said = (page) => page.locator('[data-said]');

/** Types a code at a gate and presses Check. */
async function press(page, code) {
  await page.locator('#f-text').fill(code);
  await page.locator('#gate-live form[action="/gate"] button').first().click();
}

for (const lang of ['en', 'zh-Hans']) {
  const say = words(lang);
  h.step(`a check that is refused is said beside the form, and the code stays: ${lang}`, async ({ visit }) => {
    const page = await (await visit({ role: 'guard', width: 360, lang })).newPage();
    await page.goto('/gate');
    for (const [status, body, key] of [
      [503, `<div class="notice wait" role="alert" data-refused><p><b>${say('busy_write')}</b></p></div>`, 'busy_write'], // as busy.go has it
      [503, '', 'refused_busy'],
      [502, '<html><body>Bad gateway</body></html>', 'refused_failed'],
      [500, '<div class="notice stop" role="alert" data-refused><p><b>' + say('todo_internal') + '</b></p></div>', 'todo_internal'],
      [409, '<div class="notice warn" role="alert" data-refused><p><b>' + say('busy_write') + '</b></p></div>', 'busy_write'],
    ]) {
      await page.route('**/gate', (r) => (r.request().method() === 'POST' ? r.fulfill({ status, body, contentType: 'text/html; charset=utf-8' }) : r.continue()));
      await press(page, 'K7M2-9QXD');
      await said(page).getByText(say(key)).waitFor();
      assert.equal(await said(page).count(), 1, 'said once');
      assert.equal(await page.locator('#f-text').inputValue(), 'K7M2-9QXD', `${status}: what was typed stays`);
      assert.ok(await said(page).evaluate((e) => { const b = e.getBoundingClientRect(); return b.top >= 0 && b.bottom <= innerHeight; }), 'and it is seen');
      await page.unroute('**/gate');
    }
    assert.deepEqual(await axe(page), []);
    await press(page, 'K7M2-9QXD');
    await page.locator('.gate').waitFor();
    assert.equal(await said(page).count(), 0, 'an answer takes the line away');
  });

  h.step(`no network says so, the next person can be asked for, and the same check counts once: ${lang}`, async ({ visit }) => {
    const context = await visit({ role: 'guard', width: 360, lang });
    const page = await context.newPage();
    await page.goto('/gate');
    await press(page, 'K7M2-9QXD');
    await page.locator('.gate').waitFor();
    const before = await page.locator('.checks li').allInnerTexts();
    await offline(context, async () => {
      await page.locator('.gate [data-uncover]').click(); // what lies beneath came with the answer
      await page.locator('.gate').waitFor({ state: 'detached' });
      await page.locator('[data-net=away]').waitFor();
      await press(page, 'H3T4-8WXC');
      await page.locator('.gate [data-paper]').waitFor(); // the phone alone cannot know it
      await page.locator('.gate [data-uncover]').click();
    });
    await page.locator('.checks li').first().getByText(lang === 'en' ? 'checked without a network' : '断网时核验').waitFor();
    assert.equal(await said(page).count(), 0);
    const after = await page.locator('.checks li').allInnerTexts(); // the newest twelve
    assert.deepEqual(after.slice(1, 12), before.slice(0, 11), 'one more, and one only');
  });
}

h.step('a filter that gets no answer says so, and forgets it with the next', async ({ visit }) => {
  const context = await visit({ role: 'officer' });
  const page = await context.newPage();
  await page.goto('/desk/resumption');
  const rows = await page.locator('#firms tbody tr').count();
  await offline(context, async () => {
    await page.locator('#f-q').fill('a');
    await said(page).getByText(words('en')('refused_lost')).waitFor();
    assert.equal(await page.locator('#firms tbody tr').count(), rows, 'the list stays');
  });
  await page.locator('#f-q').fill('');
  await said(page).waitFor({ state: 'detached' });
});
