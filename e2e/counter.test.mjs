// A shop's counter: what somebody booked for two of their family is fetched for them, and
// the second time the shelf is empty. Everything without scripts.

import assert from 'node:assert/strict';
import { house } from './harness/story.mjs';

const h = house({ people: 300 });
const codes = [];
let shop;

h.step('resident books for two of the family', async ({ visit }) => {
  const page = await (await visit({ role: 'resident', width: 360, js: false })).newPage();
  for (const number of ['E12345678', 'E23456789']) {
    await page.goto('/me/supplies/family');
    await page.getByLabel('Name').fill('Ada Li');
    await page.getByLabel('Paper').selectOption('passport');
    await page.getByLabel('Number', { exact: true }).fill(number);
    await page.getByRole('button', { name: 'Add' }).click();
    await page.waitForLoadState();
  }
  const keeper = await (await visit({ role: 'storekeeper', width: 360, js: false })).newPage();
  await keeper.goto('/counter');
  shop = (await keeper.locator('h1').innerText()).trim();
  for (const nth of [1, 2]) {
    await page.goto('/supplies/tidewater-masks');
    await page.getByRole('row', { name: new RegExp(shop) }).getByRole('link', { name: /^Book/ }).first().click();
    await page.getByRole('radio').nth(nth).check();
    await page.getByRole('button', { name: 'Book 5 × mask' }).click();
    await page.waitForURL('**/me/supplies/off_*/**');
    codes.push((await page.locator('.aloud').innerText()).trim());
  }
});

h.step('somebody fetches it for them with both papers, once', async ({ visit, look }) => {
  const page = await (await visit({ role: 'storekeeper', width: 360, js: false })).newPage();
  await look(page, '/counter', 'en');
  const find = async (code) => {
    await page.goto('/counter');
    await page.getByLabel('Code of the voucher').fill(code);
    await page.getByRole('button', { name: 'Find the booking' }).click();
    await page.waitForLoadState();
  };
  await find(codes[0].toLowerCase().replace('-', ' '));
  await look(page, page.url(), 'en');
  const four = page.getByLabel('Last four characters of the ID number');
  await four.fill('0000');
  await page.getByRole('button', { name: 'Hand over 5 pieces' }).click();
  await page.locator('.summary', { hasText: 'not the last four characters' }).waitFor();
  await four.fill('5678');
  await page.getByLabel('Somebody else fetches it').check();
  await page.getByRole('button', { name: 'Hand over 5 pieces' }).click();
  await page.locator('.gate.valid, .gate', { hasText: 'Handed over' }).waitFor();
  await find(codes[0]);
  await page.locator('.gate', { hasText: 'Was handed over' }).waitFor();
  await find('K7M2-9QXD');
  assert.ok(await page.locator('.summary').count(), 'a code that is nobody’s');
});

h.step('货架空了，预约仍然有效', async ({ visit, look }) => {
  const page = await (await visit({ role: 'storekeeper', width: 360, js: false, lang: 'zh-Hans' })).newPage();
  await page.goto('/counter');
  await page.getByRole('link', { name: '入库、调拨、报损' }).click();
  await look(page, page.url(), 'zh-Hans');
  await page.locator('details:has(form[action$="/spoil"]) > summary').click();
  const form = page.locator('form[action$="/spoil"]');
  const lots = form.getByRole('combobox');
  const value = await lots.locator('option', { hasText: 'B1-0301' }).getAttribute('value');
  await lots.selectOption(value);
  const left = (await lots.locator('option:checked').innerText()).match(/([\d,]+)\D*$/)[1].replace(',', '');
  await form.locator('input[name=pieces]').fill(left);
  await form.locator('[name=reason]').fill('整箱受潮，全部报损');
  await form.getByRole('button', { name: '报损' }).click();
  await page.waitForLoadState();
  await page.goto('/counter');
  await page.getByLabel('预约凭证码').fill(codes[1]);
  await page.getByRole('button', { name: '查找预约' }).click();
  await page.waitForLoadState();
  await look(page, page.url(), 'zh-Hans');
  assert.match(await page.locator('main').innerText(), /货架已空[\s\S]*预约保留至/);
});
