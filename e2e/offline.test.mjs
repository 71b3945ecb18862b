// A gate without its network: what was checked is kept on the phone, survives a reload,
// and is counted once each when the network is back; a lost answer is asked for again.

import assert from 'node:assert/strict';
import { house } from './harness/story.mjs';
import { inside } from './stories/figures.mjs';

const h = house({ people: 200, timeout: 90_000 });
const day = {};

/** Codes of three people of the demo firm, and the guard's page with all that it keeps. */
async function atGate(visit, { lang = 'en', theme = 'light', on } = {}) {
  const context = await visit({ role: 'guard', width: 360, lang, theme });
  const page = await context.newPage();
  await on?.(page);
  await page.goto('/gate');
  await page.waitForFunction(() => document.querySelector('[data-kept]').dataset.kept !== '');
  await page.evaluate(async () => { // waitForFunction takes a promise for a yes
    const kept = async () => (await caches.open('breakwater-gate')).match('/gate/away', { ignoreVary: true });
    while (navigator.serviceWorker.controller?.state !== 'activated' || !(await kept())) await new Promise((again) => setTimeout(again, 50));
  });
  return { context, page };
}

const tap = async (page, text, side = 'in') => {
  await page.locator(`label[for=dir-${side}]`).click();
  await page.locator('#f-text').fill(text);
  await page.locator('#gate-live form[action="/gate"] button').click();
};
const says = async (page, text, side) => {
  await tap(page, text, side);
  await page.locator('.over').waitFor();
  return page.locator('.over').innerText();
};
const next = (page) => page.locator('.over [data-uncover]').click();
const waits = (page, n) => page.waitForFunction((n) => {
  const p = document.querySelector('[data-net=waiting]');
  return n ? p && !p.hidden && p.querySelector('[data-count]').textContent === String(n) : p?.hidden;
}, n);

h.step('guard: checks made without a network survive a reload without one and are counted once each', async ({ visit }) => {
  const worker = await visit({ role: 'worker' });
  const code = await (await worker.request.get('/me/code', { headers: { accept: 'application/json' } })).json();
  Object.assign(day, { code: code.credential, short: code.short_code });
  const { context, page } = await atGate(visit);
  const shell = await page.evaluate(async () => (await (await (await caches.open('breakwater-gate')).match('/gate/away', { ignoreVary: true })).text()));
  assert.doesNotMatch(shell, /sign-out|data-account="[^"]|gate 1/, 'what the phone keeps of the page is nobody’s');
  const before = await inside(page);
  await context.setOffline(true);
  await page.locator('[data-net=away]').waitFor();
  assert.match(await says(page, day.code), /Not withdrawn[\s\S]*counted once when the network is back/);
  await next(page);
  assert.match(await says(page, 'BW1:NOT A CODE'), /Stop/);
  await next(page);
  assert.match(await says(page, day.short), /Cannot be checked here[\s\S]*short code/i);
  await page.locator('[data-paper]').click();
  await waits(page, 3);

  await page.reload();
  await page.locator('[data-net=away]').waitFor();
  await waits(page, 3);
  assert.match(await says(page, day.code, 'out'), /Not withdrawn/, 'the page that was reloaded checks too');
  await next(page);
  await waits(page, 4);

  await context.setOffline(false);
  await page.locator('.checks').waitFor(); // the page itself is back
  await waits(page, 0);
  const list = await page.locator('.checks').innerText();
  assert.equal(list.match(/checked without a network/g)?.length, 4, list);
  assert.equal(await inside(page), before, 'in once, again as known, and out once');
});

h.step('guard: only the answer was lost; it is counted once and told in the end', async ({ visit }) => {
  let lost = 0;
  const { page } = await atGate(visit, { on: (page) => page.route('**/gate', async (route) => {
    if (route.request().method() !== 'POST' || lost++) return route.fallback();
    await route.fetch(); // the server has it
    await route.abort('connectionreset');
  }) });
  const before = await inside(page);
  await tap(page, day.code);
  await page.getByText('It is not known whether this check was counted').waitFor();
  await page.locator('.gate.valid').waitFor();
  assert.match(await page.locator('.over').innerText(), /Come in/);
  await next(page);
  assert.equal(await inside(page), before + 1);
  assert.equal(lost, 2, 'asked twice, under one key');
  assert.match(await says(page, day.code, 'out'), /Checked out/);
});

h.step('guard: whoever signs out with checks that wait is told so, and nothing is lost', async ({ visit }) => {
  const { context, page } = await atGate(visit);
  await context.setOffline(true);
  await page.locator('[data-net=away]').waitFor();
  await says(page, day.code);
  await next(page);
  await page.locator('form[action="/sign-out"]').evaluate((f) => f.requestSubmit());
  await page.locator('[data-net=stay]').waitFor();
  await context.setOffline(false);
  await waits(page, 0);
  await page.locator('form[action="/sign-out"]').evaluate((f) => f.requestSubmit());
  await page.waitForURL('**/sign-in');
  assert.deepEqual(await page.evaluate(() => caches.keys()), []);
});
