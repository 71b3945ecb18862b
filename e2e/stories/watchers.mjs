// An officer's list, an auditor's log, a commander's board.

import assert from 'node:assert/strict';
import { figure } from './figures.mjs';

export function watchers(h, day) {
  h.step('officer: the list filters by word, state and park, with scripts as one types and without', async ({ visit }) => {
    for (const js of [true, false]) {
      const page = await (await visit({ role: 'officer', js })).newPage();
      await page.goto('/desk/resumption');
      const all = await page.locator('#firms tbody tr').count();
      assert.ok(all > 5);
      await page.getByRole('searchbox').fill(day.firm.slice(0, 6));
      if (!js) await page.getByRole('searchbox').press('Enter');
      await page.waitForURL('**q=**');
      const rows = await page.locator('#firms tbody tr').allInnerTexts();
      assert.ok(rows.length >= 1 && rows.length < all && rows.every((r) => r.includes(day.firm.slice(0, 6))), `${rows.length} of ${all}`);
      await page.goto('/desk/resumption');
      await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: /^Returned/ }).click();
      await page.waitForURL('**state=returned**');
      const states = await page.locator('#firms tbody tr .state').allInnerTexts();
      assert.ok(states.length > 0 && states.every((s) => /Returned|to settle/.test(s)), states.join());
    }
  });

  h.step('officer: an override needs a reason', async ({ visit }) => {
    const page = await (await visit({ role: 'officer', js: false })).newPage();
    await page.goto('/desk/resumption?state=returned');
    await page.locator('#firms tbody a').first().click();
    await page.getByRole('button', { name: 'Go on…' }).click();
    await page.locator('.summary').waitFor();
    await page.getByLabel('Certified').check();
    await page.getByLabel('Reason', { exact: true }).fill('Supplies seen on site.');
    await page.getByRole('button', { name: 'Go on…' }).click();
    await page.getByRole('button', { name: 'Let it stand' }).click();
    await page.getByText('An officer’s decision stands: Certified').or(page.getByText("An officer's decision stands: Certified")).waitFor();
    assert.match(await page.locator('.steps').innerText(), /Supplies seen on site\./, 'it stands in the story');
  });

  h.step('auditor: the log names nobody, proves a fact and recomputes itself', async ({ visit }) => {
    const context = await visit({ role: 'auditor' });
    const page = await context.newPage();
    await page.goto('/log');
    assert.ok(await page.locator('tbody tr').count() > 10);
    for (let n = 0; n < 3; n++) {
      assert.doesNotMatch(await page.locator('main').innerText(), /叶小舟|石明远|林经理|330282|1380001|fever|three waves/);
      const older = page.locator('a[href*="before="], a[href*="after="]').last();
      if (!await older.count()) break;
      await older.click();
      await page.waitForLoadState();
    }
    await page.goto('/log');
    await page.locator('tbody a[href^="/log/"]').last().click();
    await page.getByText('In the log').first().waitFor();
    const [proof] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /Take the proof/ }).click()]).catch(() => []);
    assert.ok(proof, 'the proof is a file to take');

    await page.goto('/log');
    const note = await (await context.request.get('/log/checkpoint')).text();
    assert.match(note, /\n— \S+ \S+\n$/, 'a signed note');
    await page.getByText('Against a checkpoint you kept').click();
    await page.getByLabel('The checkpoint', { exact: true }).fill(note);
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText('The log is whole').waitFor();
  });

  h.step('commander: the board adds up, and its tables can be taken along', async ({ visit }) => {
    const context = await visit({ role: 'commander' });
    const page = await context.newPage();
    await page.goto('/board');
    const open = await figure(page, 'Firms resumed');
    assert.match(open, /\d/);
    for (const path of ['/board.csv', '/board/days.csv']) {
      const answer = await context.request.get(path);
      assert.match(answer.headers()['content-type'], /text\/csv/);
      assert.ok((await answer.text()).trim().split('\n').length > 1, path);
    }
    assert.equal((await page.goto('/desk/resumption')).status(), 403, 'it watches, it does not decide');
  });

  h.step('nobody sees what is another’s', async ({ visit }) => {
    const page = await (await visit({ role: 'firm' })).newPage();
    for (const path of ['/desk/resumption', '/log', '/gate', '/board', '/desk/claims']) assert.ok([403, 404].includes((await page.goto(path)).status()), path);
    const stranger = await (await visit({})).newPage();
    await stranger.goto('/firm/roster');
    assert.match(stranger.url(), /sign-in\?next=%2Ffirm%2Froster/);
  });
}
