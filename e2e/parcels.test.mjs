// What is brought to the door: somebody says where to, the shop opens the addresses on the
// record, ticks off what left, puts back what came back; the resident reads where it is and
// who opened the address. Everything without scripts.

import assert from 'node:assert/strict';
import { house } from './harness/story.mjs';

const h = house({ people: 300 });
let mine, shop;

h.step('resident books what is brought, and says where to', async ({ visit, look }) => {
  const keeper = await (await visit({ role: 'storekeeper', width: 360, js: false })).newPage();
  await keeper.goto('/counter');
  shop = (await keeper.locator('h1').innerText()).trim();
  const page = await (await visit({ role: 'resident', width: 360, js: false })).newPage();
  await page.goto('/supplies/tidewater-brought');
  await page.getByRole('row', { name: new RegExp(shop) }).getByRole('link', { name: /^Book/ }).first().click();
  await look(page, page.url(), 'en');
  await page.getByLabel('Where it is sent').fill('Lighthouse Road');
  await page.getByRole('button', { name: /^Book/ }).click();
  await page.locator('.summary', { hasText: 'number' }).waitFor();
  await page.getByLabel('Where it is sent').fill('Lighthouse Road 12, flat 301');
  await page.getByRole('button', { name: /^Book/ }).click();
  await page.waitForURL('**/me/supplies/off_*/**');
  mine = page.url();
  const said = await page.locator('main').innerText();
  assert.match(said, /Goes to\s*Lighthouse Road 12, flat 301/);
  assert.match(said, /Leaves at the latest/);
  assert.equal(await page.locator('img.code').count(), 0, 'nothing to show at a counter');
  await look(page, mine, 'en');
});

h.step('店员打开地址清单，打印，登记送达', async ({ visit, look }) => {
  const page = await (await visit({ role: 'storekeeper', width: 360, js: false, lang: 'zh-Hans' })).newPage();
  await look(page, '/counter', 'zh-Hans');
  await page.getByRole('link', { name: /待寄送 1 单/ }).click();
  assert.doesNotMatch(await page.locator('main').innerText(), /Lighthouse/);
  await look(page, page.url(), 'zh-Hans');
  await page.getByRole('button', { name: /打开清单/ }).click();
  await page.waitForURL('**/counter/send/sheet/**');
  assert.match(await page.locator('main').innerText(), /Lighthouse Road 12, flat 301/);
  await look(page, page.url(), 'zh-Hans');
  const csv = await page.request.get(`${page.url()}/labels.csv`);
  assert.match(await csv.text(), /Lighthouse Road 12, flat 301/);
  await page.goto('/counter/send');
  await page.getByRole('checkbox').first().check();
  await page.getByRole('button', { name: '将所选登记为已寄出或已送达' }).click();
  await page.getByText('已登记发出 1 单。').waitFor();
  await page.getByText('已退件').click();
  await page.getByLabel('原因').fill('三次上门无人');
  await page.getByRole('button', { name: '退件入库' }).click();
  await page.getByText('等待重新寄送').waitFor();
  await look(page, '/counter/send', 'zh-Hans');
});

h.step('resident mends the address, and reads who opened it', async ({ visit, look }) => {
  const page = await (await visit({ role: 'resident', width: 360, js: false })).newPage();
  await page.goto(mine);
  assert.match(await page.locator('main').innerText(), /Came back: check the address[\s\S]*三次上门无人/);
  await page.getByText('Send it to another address').click();
  await page.getByLabel('Where it is sent').fill('Lighthouse Road 14');
  await page.getByRole('button', { name: 'Change the address' }).click();
  await page.getByText('The address is changed.').waitFor();
  await look(page, mine, 'en');
  await look(page, '/me/seen', 'en');
  assert.match(await page.locator('main').innerText(), new RegExp(`${shop}[\\s\\S]*to send me something`));
  await look(page, '/me/data', 'en');
  assert.match(await page.locator('main').innerText(), /Sent to Lighthouse Road 14/);
});
