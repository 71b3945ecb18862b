// A waiting room: two come before the opening, each by their own phone; one closes the
// page and finds the place again by its code on a phone that knows nobody; lots are
// drawn; a claim before its turn is refused and loses nothing; in turn it is a voucher.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { house } from './harness/story.mjs';

const h = house({ people: 300, args: ['--room', '40s'], timeout: 240_000 });
const room = '/supplies/tidewater-children/queue';
const night = {};

const figure = async (page, name) => Number((await page.locator(`[data-n="${name}"]`).innerText()).replace(/\D/g, ''));
const sha = (text) => createHash('sha256').update(text).digest('hex');

h.step('a resident comes early, without scripts', async ({ visit, look }) => {
  const page = await (await visit({ role: 'resident', width: 360, js: false })).newPage();
  await look(page, '/supplies/tidewater-children', 'en');
  await page.getByRole('link', { name: 'To the waiting room' }).click();
  await page.getByRole('button', { name: 'Take a place' }).click();
  await page.locator('.state', { hasText: 'You are in' }).waitFor();
  night.code = (await page.locator('.aloud').innerText()).trim();
  assert.match(night.code, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  await look(page, room, 'en');
  assert.equal((await page.locator('.aloud').innerText()).trim(), night.code, 'asked again: the same place');
  const { token } = await h.program.token('resident');
  const offers = await h.program.api('GET', '/api/v1/ration/campaigns/tidewater-children/offers', { token });
  night.offer = JSON.parse(offers.text).offers[0].offer;
  const early = await h.program.api('POST', '/api/v1/ration/claims', { token, body: { offer: night.offer } });
  assert.match(early.text, /ration\.not_open/);
});

h.step('somebody else types the code on a phone that knows nobody', async ({ visit, look }) => {
  const page = await (await visit({ width: 360, js: false, lang: 'zh-Hans' })).newPage();
  await look(page, '/queue', 'zh-Hans');
  await page.getByLabel('短码').fill(night.code.toLowerCase().replace('-', ' '));
  await page.getByRole('button', { name: '查看' }).click();
  await page.locator('.state', { hasText: '已取号' }).waitFor();
  assert.doesNotMatch(await page.locator('main').innerText(), /\*/, 'nobody’s name, masked or not');
  await look(page, `/queue?code=${night.code}`, 'zh-Hans');
  await page.goto('/queue?code=K7M2-9QXD');
  assert.match(await page.locator('main').innerText(), /没有对应的号|不对|有误|核对/);
});

h.step('a worker waits beside them, and the page itself says when it is their turn', async ({ visit, look }) => {
  const page = await (await visit({ role: 'worker', width: 360 })).newPage();
  await look(page, room, 'en');
  await page.getByRole('button', { name: 'Take a place' }).click();
  await page.locator('#place[data-state="before"]').waitFor();
  assert.ok(await figure(page, 'waiting') >= 2);
  await page.locator('#place:not([data-state="before"]):not([data-state="drawing"])').waitFor({ timeout: 120_000 });

  const { token } = await h.program.token('worker');
  const now = JSON.parse((await h.program.api('GET', '/api/v1/ration/queue?campaign=tidewater-children', { token })).text);
  if (now.state === 'waiting') {
    const early = await h.program.api('POST', '/api/v1/ration/claims', { token, body: { offer: night.offer } });
    if (early.status !== 200) assert.match(early.text, /ration\.not_your_turn/);
    const after = JSON.parse((await h.program.api('GET', '/api/v1/ration/queue?campaign=tidewater-children', { token })).text);
    assert.equal(after.place, now.place, 'nothing is lost by asking early');
  }
  await page.locator('#place[data-state="turn"]').waitFor({ timeout: 150_000 });
  await page.getByRole('link', { name: 'Choose a shop' }).click();
  await page.getByRole('link', { name: /^Book/ }).first().click();
  await page.getByRole('button', { name: 'Book 10 × mask' }).click();
  await page.getByText('Booked. This is your voucher.').waitFor();
});

h.step('the turn of a phone that slept is still theirs', async ({ visit, look }) => {
  const page = await (await visit({ role: 'resident', width: 360, js: false })).newPage();
  for (let i = 0; ; i++) {
    await look(page, room, 'en');
    if (await page.locator('#place[data-state="turn"]').count()) break;
    assert.ok(i < 100, 'it is never their turn');
    await new Promise((r) => { setTimeout(r, 1000); });
  }
  assert.ok(await page.getByRole('link', { name: 'Choose a shop' }).count());
});

h.step('a stranger checks the order', async ({ visit }) => {
  const page = await (await visit({})).newPage();
  await page.goto('/supplies/tidewater-children');
  const said = (await page.locator('.words').first().textContent()).trim();
  const href = await page.locator('a[href$="/order.txt"]').first().getAttribute('href');
  const file = await (await page.request.get(href)).text();
  const [head, list] = file.split('\n\n');
  const of = Object.fromEntries(head.split('\n').slice(1).map((line) => line.split(': ')));
  assert.equal(of.commitment, said, 'as it was published');
  assert.equal(sha(of.seed), of.commitment);
  const tickets = list.trim().split('\n').slice(0, Number(of.early));
  assert.equal(sha(tickets.toSorted().map((t) => `${t}\n`).join('')), of.digest);
  const keys = tickets.map((t) => sha(`${of.seed}\n${of.digest}\n${t}\n`));
  assert.deepEqual(keys, keys.toSorted(), 'in the order that follows from the seed');
});
