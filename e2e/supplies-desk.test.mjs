// The district's desk of supplies: a campaign is read with its mistake, mended, asked for by
// one and opened by another; shops and a day come as files; a resident books and the open
// stock shows it; somebody is booked for at the desk; a lot is recalled, the campaign ends,
// and the auditor proves the ledger. Everything without scripts.

import assert from 'node:assert/strict';
import { house } from './harness/story.mjs';

const h = house({ people: 300, timeout: 120_000 });
const text = `id = "harbour-masks"
title = { en = "Masks for the harbour", zh-Hans = "海港口罩供应" }
summary = { en = "Two each, a day.", zh-Hans = "每人每天两只。" }
source = { en = "Notice 9", zh-Hans = "第九号通告" }
[item]
name = { en = "Harbour mask", zh-Hans = "海港口罩" }
piece = { en = "mask", zh-Hans = "只" }
[who]
asks = "person"
counts = "person"
[share]
pieces = 2
[give]
by = "arrival"
opens = "00:00"
[again]
days = 1
[hand]
how = "point"
days = 99
`;
const desk = '/desk/supplies/campaigns/harbour-masks';
const file = (name, body) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(body) });
const open = async (page, words) => page.locator('details summary', { hasText: words }).click();
const stock = async () => (await (await fetch(`${h.url}/open/stock.json`)).json()).stock.filter((s) => s.campaign === 'harbour-masks');

h.step('an officer reads what is wrong with the file, mends it and asks', async ({ visit, look }) => {
  const page = await (await visit({ role: 'officer', js: false })).newPage();
  await look(page, '/desk/supplies', 'en');
  await page.getByRole('link', { name: 'Open a campaign' }).click();
  await page.getByLabel("The campaign's file").setInputFiles(file('harbour.toml', text));
  await page.getByRole('button', { name: 'Check and show in words' }).first().click();
  await page.locator('.summary', { hasText: 'Line 20, hand.days' }).waitFor();
  const area = page.getByLabel('Text of the campaign');
  await area.fill((await area.inputValue()).replace('days = 99', 'days = 2'));
  await page.getByRole('button', { name: 'Check and show in words' }).click();
  await page.getByText('In the order in which people ask, until it is gone').waitFor();
  await page.getByLabel('Why it is opened').fill('Notice 9 of the harbour office');
  await page.getByRole('button', { name: 'Ask the second officer' }).click();
  await page.waitForURL('**/desk/second/**');
  await page.goto('/desk/supplies');
  await page.getByText('Waits for a second officer: Masks for the harbour').waitFor();
});

h.step('第二人从同一页面确认，活动开启', async ({ visit, look }) => {
  const page = await (await visit({ role: 'second_officer', js: false, lang: 'zh-Hans' })).newPage();
  await look(page, '/desk/supplies', 'zh-Hans');
  await page.getByRole('link', { name: '阅读并确认或退回' }).click();
  await page.getByText('每人 2只').first().waitFor();
  await page.locator('button[value=confirm]').click();
  await page.waitForLoadState();
  await look(page, desk, 'zh-Hans');
  assert.match(await page.locator('main').innerText(), /开放中/);
});

h.step('shops, supply and a day come as files, whole or not at all', async ({ visit, look }) => {
  const page = await (await visit({ role: 'officer', js: false })).newPage();
  await page.goto('/desk/supplies/points');
  const shops = 'name,kind,address,town,lat,lon\nHarbour shop,shop,Quay 1,望港街道,29.905,121.652\nLight shop,shop,Quay 2,望港街道,29.909,121.657\n';
  const send = async (words, body, button = 'Read the file') => {
    await open(page, words);
    const form = page.locator('details[open]', { hasText: words });
    await form.locator('input[type=file]').setInputFiles(file('list.csv', body));
    await form.getByRole('button', { name: button }).click();
    await page.waitForLoadState();
  };
  await send('by a file', `${shops}Third,boat,Quay 3,,,\n`);
  await page.locator('.summary', { hasText: 'Line 4: Choose shop or depot' }).waitFor();
  await page.goto('/desk/supplies/points');
  await send('by a file', shops);
  await page.getByText('2 added; 0 were there already.').waitFor();

  await page.goto(desk);
  const supply = page.locator('form[action$="/supply"]'); // open already: there is none yet
  await supply.getByLabel('Pieces').fill('1000');
  await supply.getByLabel('From where').fill('Allocation of the city');
  await supply.getByRole('button', { name: 'Add' }).click();
  await page.getByText('1,000 pieces added to the supply.').waitFor();
  await send('Plan a day by a file', 'point,pieces\nHarbour shop,700\nLight shop,400\n');
  await page.locator('.summary', { hasText: 'needs 1,100 pieces' }).waitFor();
  assert.equal((await stock()).length, 0, 'nothing of a plan beyond the supply');
  await page.goto(desk);
  await send('Plan a day by a file', 'point,pieces\nHarbour shop,40\nLight shop,20\n');
  await page.getByText('2 offers stand for this day.').waitFor();
  await look(page, desk, 'en');
});

h.step('a resident books, and the open stock says so within half a minute', async ({ visit, look, t }) => {
  const page = await (await visit({ role: 'resident', width: 360, js: false })).newPage();
  await page.goto('/supplies/harbour-masks');
  await page.getByRole('row', { name: /Harbour shop/ }).getByRole('link', { name: /^Book/ }).click();
  await page.getByRole('button', { name: 'Book 2 × mask' }).click();
  await page.locator('.aloud').waitFor();
  const begun = Date.now();
  let reserved = 0;
  while (reserved === 0 && Date.now() - begun < 30_000) {
    reserved = (await stock()).reduce((sum, s) => sum + s.reserved, 0);
    if (reserved === 0) await page.waitForTimeout(500);
  }
  assert.equal(reserved, 2);
  t.diagnostic(`the feed showed the booking after ${Date.now() - begun} ms`);
  await look(page, '/open/stock?q=quay&item=harbour-masks', 'en');
  assert.match(await page.locator('main').innerText(), /Harbour shop[\s\S]*38[\s\S]*Light shop[\s\S]*20/);
});

h.step('somebody without a phone is booked for at the desk, once', async ({ visit, look }) => {
  const page = await (await visit({ role: 'officer', js: false })).newPage();
  await look(page, `${desk}/book`, 'en');
  const book = async () => {
    await page.getByLabel('Where and when it is fetched').selectOption({ index: 1 });
    await page.getByLabel('Paper', { exact: true }).selectOption('passport');
    await page.getByLabel('Number of the paper').fill('E34567890');
    await page.getByLabel('Name, as on the paper').fill('Ada Li');
    await page.getByRole('button', { name: 'Book', exact: true }).click();
  };
  await book();
  await page.getByText('Booked: 2 pieces').waitFor();
  assert.match(await page.locator('main').innerText(), /[0-9A-Z]{4}-[0-9A-Z]{4}/);
  await book();
  await page.locator('.summary', { hasText: 'is booked or had already' }).waitFor();
});

h.step('a lot is recalled, and the campaign ends', async ({ visit, look }) => {
  const page = await (await visit({ role: 'officer', js: false })).newPage();
  await page.goto('/desk/supplies/points?q=Harbour');
  await page.getByRole('link', { name: 'Harbour shop' }).click();
  await page.getByRole('link', { name: 'Stock there' }).click();
  const form = page.locator('form[action$="/receive"]');
  if (!(await form.isVisible())) await page.locator('details:has(form[action$="/receive"]) > summary').click();
  await form.locator('[name=campaign]').selectOption('harbour-masks');
  await form.locator('[name=maker]').fill('Quay works');
  await form.locator('[name=number]').fill('Q7');
  await form.locator('[name=pieces]').fill('500');
  await form.locator('button').click();
  await page.waitForLoadState();
  await page.goto(desk);
  await page.getByRole('link', { name: /Quay works, lot Q7/ }).click();
  await look(page, page.url(), 'en');
  await page.getByLabel('Why').fill('Filter below the standard');
  await page.getByRole('button', { name: 'Recall the lot' }).click();
  await page.getByText('No counter hands it over any more.').waitFor();

  await look(page, `${desk}/close`, 'en');
  await page.getByLabel('Why').fill('Notice 10 ends the supply');
  await page.getByRole('button', { name: 'Close the campaign for good' }).click();
  await page.getByText('The campaign is closed.').waitFor();
  assert.equal(await page.getByText('Plan a day by a file').count(), 0);
});

h.step('审计人员核验台账', async ({ visit, look }) => {
  const page = await (await visit({ role: 'auditor', width: 360, js: false, lang: 'zh-Hans' })).newPage();
  await page.goto('/desk/supplies');
  await page.getByRole('link', { name: '台账核验' }).first().click();
  await page.getByRole('button', { name: '立即核验' }).click();
  await page.getByText('账实相符，一件不差').waitFor();
  await look(page, page.url(), 'zh-Hans');
  assert.match(await page.locator('main').innerText(), /[0-9a-f]{64}/);
});
