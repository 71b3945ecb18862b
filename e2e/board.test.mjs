// The board as an officer, a wall and the public use it: filtered by links, from a
// figure to its firms, out as a file, and renewed on a wall without a reload.

import assert from 'node:assert/strict';
import { house } from './harness/story.mjs';

const h = house({ people: 300 });

h.step('the board, its lists and the wall hold every check, in both languages and on a phone', async ({ visit, look }) => {
  for (const [lang, width, theme] of [['en', 1440, 'light'], ['zh-Hans', 360, 'dark']]) {
    const page = await (await visit({ role: 'officer', lang, width, theme })).newPage();
    for (const path of ['/board', '/board?class=priority', '/board/firms?as=closed', '/desk/wall']) await look(page, path, lang);
  }
});

h.step('an officer chooses, goes to the firms behind a figure, and takes both along', async ({ visit }) => {
  const context = await visit({ role: 'officer', js: false });
  const page = await context.newPage();
  await page.goto('/board');
  await page.getByLabel('Size').selectOption('micro');
  await page.getByRole('button', { name: 'Show' }).click();
  assert.match(page.url(), /size=micro/);
  const csv = await context.request.get('/board.csv' + new URL(page.url()).search);
  assert.match((await csv.text()).split('\n')[0], /^\ufeffby,key,name,firms/);
  const filed = await page.locator('.counts a').first();
  await filed.click();
  assert.match(page.url(), /\/board\/firms\?.*size=micro/);
  const rows = await page.locator('tbody tr').count();
  assert.ok(rows > 0);
  const list = await context.request.get(await page.getByRole('link', { name: 'CSV' }).getAttribute('href'));
  assert.equal((await list.text()).trim().split('\n').length, rows + 1, 'the file has the firms of the page');
});

h.step('a wall renews itself when a firm is certified in another window, and says when it is cut off', async ({ visit }) => {
  const wall = await (await visit({ role: 'commander' })).newPage();
  await wall.goto('/desk/wall');
  const resumed = wall.locator('.screen-figures > div').nth(1);
  const before = await resumed.innerText();
  const desk = await (await visit({ role: 'officer' })).newPage();
  await desk.goto('/desk/resumption?state=returned');
  await desk.goto(await desk.locator('#firms a[href^="/desk/resumption/fir_"]').first().getAttribute('href'));
  await desk.locator('[name=state][value=certified]').check();
  await desk.locator('[name=reason]:not([type=hidden])').fill('Seen on paper.');
  await desk.locator('[name=act][value=ask]').click();
  await desk.locator('main form button.btn').first().click();
  await wall.waitForFunction((was) => document.querySelectorAll('.screen-figures > div')[1].innerText !== was, before, { timeout: 20_000 });
  await wall.context().setOffline(true);
  await wall.locator('[data-live-lost]').waitFor({ state: 'visible', timeout: 30_000 });
  await wall.context().setOffline(false);
  await wall.locator('[data-live-lost]').waitFor({ state: 'hidden', timeout: 40_000 });
});

h.step('anyone takes the figures along, with what they mean', async ({ visit, look }) => {
  const context = await visit({ lang: 'zh-Hans', width: 360 });
  const page = await context.newPage();
  await look(page, '/open', 'zh-Hans');
  const csv = await context.request.get('/open/figures.csv');
  assert.equal(csv.headers()['access-control-allow-origin'], '*');
  const lines = (await csv.text()).trim().split('\n');
  assert.match(lines[0], /by,key,name,firms,resumed,declared,back,load_percent,as_of,people_rounded_to/);
  assert.match(lines.at(-1), /^all,,.*:00:00\+08:00,10\s*$|^all,,.*,10\s*$/);
  assert.ok(lines.length > 10);
  const again = await context.request.get('/open/figures.csv', { headers: { 'if-none-match': csv.headers().etag } });
  assert.ok([200, 304].includes(again.status()));
});
