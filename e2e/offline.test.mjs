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

h.step('guard: signed out elsewhere, the phone keeps nothing of the gate from the next answer on', async ({ visit }) => {
  const { context, page } = await atGate(visit);
  await context.setOffline(true);
  await page.locator('[data-net=away]').waitFor();
  await says(page, day.code);
  await next(page);
  await context.clearCookies(); // another tab, or the office, ended the session
  await context.setOffline(false);
  await page.locator('[data-net=out]').waitFor();
  const left = () => page.evaluate(async () => ({
    caches: await caches.keys(),
    worker: Boolean(await navigator.serviceWorker.getRegistration('/gate')),
    desk: await new Promise((done) => {
      const asked = indexedDB.open('breakwater-gate', 1);
      asked.onsuccess = () => {
        const tx = asked.result.transaction(['desk', 'waiting']);
        const [desk, waiting] = [tx.objectStore('desk').count(), tx.objectStore('waiting').count()];
        tx.oncomplete = () => { asked.result.close(); done([desk.result, waiting.result]); };
      };
    }),
  }));
  assert.deepEqual(await left(), { caches: [], worker: false, desk: [0, 1] }, 'only the check that waits stays');

  // Nothing waited: the page itself is asked for, and its worker lets go.
  const other = await atGate(visit);
  await other.context.clearCookies();
  await other.page.reload();
  await other.page.waitForURL('**/sign-in**');
  assert.deepEqual(await other.page.evaluate(() => caches.keys()), []);
});

h.step('guard: what the server judged otherwise, or would not take, is told once and by its name', async ({ visit }) => {
  const { context, page } = await atGate(visit);
  const worker = await visit({ role: 'worker' });
  const own = await (await worker.request.get('/me/code', { headers: { accept: 'application/json' } })).json();
  // What the server answers is said by the test: each way in which it can differ.
  const answers = [
    { admit: true, code: 'ok', reason: 'x', reference: 'AAAA-2222', said: 'holds', now: 'stopped' },
    { admit: true, code: 'not_inside', reason: 'The firm may not work for now.', reference: 'BBBB-2222', said: 'holds' },
    { admit: true, code: 'ok', reason: 'x', reference: 'CCCC-2222' },
    null,
  ];
  await page.route('**/gate', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    const one = answers.shift();
    return one ? route.fulfill({ json: one }) : route.fulfill({ status: 422, json: { title: 'No', detail: 'This check is too old to be counted.' } });
  });
  await context.setOffline(true);
  await page.locator('[data-net=away]').waitFor();
  for (const text of [own.credential, own.credential, 'BW1:NOT A CODE', own.credential]) {
    await says(page, text);
    await next(page);
  }
  await context.setOffline(false);
  await waits(page, 0);
  await page.waitForFunction(() => document.querySelectorAll('[data-told]').length === 4);
  const told = (await page.locator('[data-told]').allInnerTexts()).join('\n');
  for (const what of ['AAAA-2222', 'BBBB-2222', 'CCCC-2222', 'This check is too old to be counted']) assert.match(told, new RegExp(what), told);
  assert.doesNotMatch(told, /\{|undefined/);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('[data-told]').length === 4); // until somebody has read them
  for (let n = 4; n > 0; n--) {
    await page.locator('[data-told] button').first().click();
    await page.waitForFunction((n) => document.querySelectorAll('[data-told]').length === n, n - 1);
  }
});

h.step('guard: a code of the national algorithm is for another device or for paper, and says so', async ({ visit }) => {
  const { context, page } = await atGate(visit);
  await context.setOffline(true);
  await page.locator('[data-net=away]').waitFor();
  const turned = await h.program.command('key', 'rotate', '--reason', 'Drill of the national algorithm', '--algorithm', 'sm2', '--lost');
  assert.equal(turned.code, 0, turned.err);
  const worker = await visit({ role: 'worker' });
  const code = await (await worker.request.get('/me/code', { headers: { accept: 'application/json' } })).json();
  assert.notEqual(code.credential, day.code);
  assert.match(await says(page, code.credential), /Cannot be checked here[\s\S]*signed with SM2/);
  await page.locator('[data-paper]').click();
  await waits(page, 1);
});
