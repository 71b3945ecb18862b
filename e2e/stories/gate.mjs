// A guard at a gate: in, out, a code nobody can read, a wrong tap, a head count.

import assert from 'node:assert/strict';
import { inside } from './figures.mjs';

/** Types a code and says what the gate answered. */
async function check(page, code, direction = 'In') {
  await page.getByText(direction, { exact: true }).click();
  await page.getByLabel(/Short code/).fill(code);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  const answer = page.locator('.gate');
  await answer.waitFor();
  return answer.innerText();
}

const next = async (page) => {
  await page.locator('.gate').getByText('Next', { exact: true }).click();
  await page.locator('.gate').waitFor({ state: 'detached' });
};

export function gate(h, day) {
  for (const js of [true, false]) {
    h.step(`guard: in, counted once, and out${js ? '' : ', without scripts'}`, async ({ visit }) => {
      const page = await (await visit({ role: 'guard', width: 360, js })).newPage();
      await page.goto('/gate');
      const before = await inside(page);
      assert.match(await check(page, day.short.toLowerCase().replace('-', ' ')), /Come in/);
      await next(page);
      assert.equal(await inside(page), before + 1);
      assert.match(await check(page, day.short), /Already inside/);
      await next(page);
      assert.equal(await inside(page), before + 1, 'nobody is counted twice');
      assert.match(await check(page, day.short, 'Out'), /Checked out/);
      await next(page);
      assert.equal(await inside(page), before);
    });

    h.step(`guard: what cannot be read is refused, a wrong tap undone, the count corrected${js ? '' : ', without scripts'}`, async ({ visit }) => {
      const page = await (await visit({ role: 'guard', width: 360, js })).newPage();
      await page.goto('/gate');
      for (const text of ['K7M2-9QXD', 'BW1:NOT A CODE', '<script>alert(1)</script>']) {
        assert.match(await check(page, text), /Stop[\s\S]*cannot be read[\s\S]*[2-9A-Z]{4}-[2-9A-Z]{4}/, text);
        await next(page);
      }
      const before = await inside(page);
      assert.match(await check(page, day.short), /Come in/);
      await page.locator('.gate').getByRole('button', { name: 'Undo' }).click();
      await page.locator('.gate').waitFor({ state: 'detached' });
      assert.equal(await inside(page), before);
      assert.match(await page.locator('.checks li').first().innerText(), /Undone|Taken back/);

      await page.getByText('Correct the count').click();
      await page.getByLabel('Heads counted').fill('41');
      await page.getByLabel('Reason').fill('Head count at six.');
      await page.getByRole('button', { name: 'Save the correction' }).click();
      await page.getByText('The count is now 41.').waitFor();
      assert.equal(await inside(page), 41);
    });
  }

  h.step('guard: the phone’s own code is read as scanned text', async ({ t, visit }) => {
    if (day.blind) return t.skip(day.blind);
    const page = await (await visit({ role: 'guard', width: 360 })).newPage();
    await page.goto('/gate');
    assert.match(await check(page, day.pass), /Come in/);
    await next(page);
    assert.match(await check(page, day.credential), /Stop/, 'a firm’s certificate admits nobody');
  });

  h.step('guard: the camera’s rights are on its page alone, and no policy allows inline code', async ({ visit }) => {
    const page = await (await visit({ role: 'guard' })).newPage();
    for (const [path, camera] of [['/gate', true], ['/verify', true], ['/', false], ['/me', false]]) {
      const said = (await page.goto(path)).headers()['content-security-policy'];
      assert.equal(said.includes('wasm-unsafe-eval'), camera, path);
      assert.doesNotMatch(said, /unsafe-inline|'unsafe-eval'|\*/, path);
      assert.equal(await page.locator('script:not([src]), style, [style], [onclick]').count(), 0, path);
      assert.equal(await page.locator('script[src*="scanner"]').count(), camera ? 1 : 0, path);
    }
  });
}
