// Anybody: the open list, a certificate's page, checking a code, and a language
// and colours that stay.

import assert from 'node:assert/strict';
import { codesOn } from '../harness/read.mjs';

export function openly(h, day) {
  h.step('anybody: the list, its CSV and its JSON say the same and name no person', async ({ visit }) => {
    const context = await visit({});
    const page = await context.newPage();
    await page.goto('/open/resumption');
    await page.getByRole('link', { name: day.firm, exact: true }).waitFor();
    const csv = await (await context.request.get('/open/resumption.csv')).text();
    const json = await (await context.request.get('/open/resumption.json')).json();
    assert.equal(csv.trim().split(/\r?\n/).length - 1, json.firms.length);
    assert.ok(json.firms.some((f) => f.name === day.firm));
    for (const text of [csv, JSON.stringify(json), await page.content()]) assert.doesNotMatch(text, /\b\d{17}[\dX]\b(?<!9\d{16}[\dX])|\b1[3-9]\d{9}\b/, 'an ID number or a phone');
  });

  h.step('anybody: looks a certificate up by its code, typed as read aloud', async ({ visit }) => {
    const page = await (await visit({ js: false, width: 360 })).newPage();
    await page.goto('/open/resumption');
    await page.getByRole('link', { name: day.firm, exact: true }).click();
    day.now = new URL(page.url()).pathname.split('/').pop();
    await page.goto('/c');
    await page.getByLabel('Certificate code').fill(day.now.toLowerCase().replace('-', ' '));
    await page.getByRole('button', { name: 'Look it up' }).click();
    await page.waitForURL(`**/c/${day.now}`);
    assert.match(await page.locator('.pass .big').innerText(), /Open/);
  });

  for (const js of [true, false]) {
    h.step(`anybody: checks a code${js ? '' : ', without scripts'}`, async ({ t, visit }) => {
      if (day.blind) return t.skip(day.blind);
      const page = await (await visit({ js })).newPage();
      const say = async (text) => {
        await page.goto('/verify');
        await page.getByLabel('Text of the code').fill(text);
        await page.getByRole('main').getByRole('button', { name: 'Check', exact: true }).click();
        await page.locator('.confirm, .summary').first().waitFor();
        return page.locator('main').innerText();
      };
      // The certificate on the door now, and one that a decision since has ended.
      await page.goto(`/c/${day.now}`);
      await page.locator('details.card summary').click();
      const now = (await codesOn(await page.screenshot({ fullPage: true }))).find((c) => c.startsWith('BW1:'));
      assert.match(await say(now), new RegExp(`The signature holds[\\s\\S]*${day.firm}`));
      assert.notEqual(day.credential, now);
      assert.match(await say(day.credential), /withdrawn/);
      assert.match(await say(`${day.credential.slice(0, 40)}7${day.credential.slice(41)}`), /does not hold/);
      assert.match(await say('hello'), /does not hold/);
    });
  }

  h.step('anybody: language and colours are chosen once and stay', async ({ visit }) => {
    for (const js of [true, false]) {
      const page = await (await visit({ js, lang: 'en' })).newPage();
      await page.goto('/open');
      await page.getByRole('button', { name: '中文' }).click();
      await page.waitForURL('**/open');
      assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
      await page.locator('summary[aria-label]').first().click();
      await page.locator('button[name=theme][value=dark]').click();
      await page.goto('/');
      assert.deepEqual([await page.locator('html').getAttribute('lang'), await page.locator('html').getAttribute('data-theme')], ['zh-Hans', 'dark']);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).map(Number));
      assert.ok(Math.max(...ground) < 80, `a dark ground: ${ground}`);
    }
  });
}
