// Rationed supplies: somebody books, keeps a voucher, is refused a second share with the
// reason, books for a child, gives back; a draw is done again by a stranger; a firm enters
// for its people and counts what it has won. Everything without scripts.

import assert from 'node:assert/strict';
import { offline } from './harness/browser.mjs';
import { house } from './harness/story.mjs';

const h = house({ people: 300 });
const day = {};

h.step('nobody reads the rule, what is left, and signs in to book', async ({ visit, look }) => {
  const page = await (await visit({ width: 360, js: false })).newPage();
  await look(page, '/supplies', 'en');
  await page.getByRole('link', { name: 'Masks, first come, for the week' }).click();
  const said = await page.locator('main').innerText();
  assert.match(said, /Once in a calendar week/);
  assert.match(said, /In the order in which people ask, until it is gone/);
  assert.match(said, /5 × mask for each person/);
  await page.getByRole('link', { name: /Sign in and book/ }).first().click();
  await page.waitForURL('**/sign-in**');
});

h.step('resident books, has a voucher with a code, and no second one', async ({ visit, look }) => {
  const page = await (await visit({ role: 'resident', width: 360, js: false })).newPage();
  await look(page, '/supplies/tidewater-masks', 'en');
  await page.getByRole('link', { name: /^Book/ }).first().click();
  day.offer = page.url();
  await look(page, page.url(), 'en');
  await page.getByRole('button', { name: 'Book 5 × mask' }).click();
  await page.waitForURL('**/me/supplies/off_*/**');
  await page.getByText('Booked. This is your voucher.').waitFor();
  day.code = (await page.locator('.aloud').innerText()).trim();
  assert.match(day.code, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  assert.match(await page.locator('img.code').getAttribute('src'), /^data:image\/png;base64,/, 'in the page itself: there without a network');
  assert.match(await page.locator('main').innerText(), /To pay\s*¥4\.50/);
  await look(page, page.url(), 'en');

  await page.goto(day.offer);
  await page.getByRole('button', { name: 'Book 5 × mask' }).click();
  await page.locator('.summary', { hasText: 'share is booked or had already; the next can be asked for from' }).waitFor();
  assert.ok(await page.getByRole('link', { name: 'Other shops and days' }).count());

  const { token } = await h.program.token('resident');
  const offer = day.offer.split('/').pop();
  const again = await h.program.api('POST', '/api/v1/ration/claims', { token, body: { offer } });
  assert.equal(again.status, 409, again.text);
  assert.match(again.text, /ration\.had_week/);
});

h.step('the voucher stays while the network is gone, and prints', async ({ visit }) => {
  const context = await visit({ role: 'resident', width: 360 });
  const page = await context.newPage();
  await page.goto('/me/supplies');
  await page.getByRole('link', { name: /Disposable medical mask/ }).first().click();
  await page.locator('.aloud', { hasText: day.code }).waitFor();
  await offline(context, async () => {
    assert.equal((await page.locator('.aloud').innerText()).trim(), day.code);
    assert.ok(await page.locator('img.code').evaluate((i) => i.complete && i.naturalWidth > 100));
  });
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('.aloud').isVisible());
  assert.ok(!(await page.getByText('I do not need it').isVisible()));
});

h.step('居民为家人预约，再退回', async ({ visit, look }) => {
  const page = await (await visit({ role: 'resident', width: 360, js: false, lang: 'zh-Hans' })).newPage();
  await look(page, '/me/supplies/family', 'zh-Hans');
  await page.getByLabel('姓名').fill('李小宝');
  await page.getByLabel('证件号码').fill('330212201503071230');
  await page.getByRole('button', { name: '添加' }).click();
  await page.locator('.summary').waitFor();
  await page.getByLabel('证件类型').selectOption('passport');
  await page.getByLabel('证件号码').fill('E12345678');
  await page.getByRole('button', { name: '添加' }).click();
  await page.getByText('已加入代办名单。').waitFor();
  await page.goto(day.offer);
  await page.getByRole('radio').nth(1).check();
  await page.getByRole('button', { name: '预约 5只' }).click();
  await page.getByText('预约成功，这是您的领取凭证。').waitFor();
  assert.match(await page.locator('main').innerText(), /为谁\s*李\*宝/);
  await page.getByText('不需要了').click();
  await page.getByRole('button', { name: '确认退回' }).click();
  await page.getByText('已退回，谢谢').waitFor();
  await look(page, '/me/supplies', 'zh-Hans');
  assert.match(await page.locator('main').innerText(), /已退回[\s\S]*待领取/);
});

h.step('who is not entitled is told by which rule, and how to mend it', async ({ visit, look }) => {
  const page = await (await visit({ role: 'resident', width: 360, js: false })).newPage();
  await look(page, '/supplies/tidewater-n95/enter', 'en');
  await page.getByLabel('Where it would be fetched').selectOption({ index: 1 });
  await page.getByLabel('No', { exact: true }).check();
  await page.getByRole('button', { name: 'Enter', exact: true }).click();
  await page.getByText('This draw is for whoever lives or works in the district.').waitFor();
  await page.getByText(/Ask where you live/).waitFor();
  await page.getByLabel('Yes', { exact: true }).check();
  await page.getByRole('button', { name: 'Enter', exact: true }).click();
  await page.waitForURL('**/me/supplies');
  await page.getByText(/In every draw until it wins/).waitFor();
  await page.getByText('Withdraw', { exact: true }).click();
  await page.getByRole('button', { name: 'Yes, withdraw' }).click();
  await page.getByText('Withdrawn from the next draw.').waitFor();
});

h.step('anybody does yesterday’s draw again, and sees one that was altered', async ({ visit, look }) => {
  const page = await (await visit({ width: 360, js: false })).newPage();
  await page.goto('/supplies/tidewater-n95');
  await page.getByRole('link', { name: /^Draw of/ }).click();
  await look(page, page.url(), 'en');
  const file = await h.program.api('GET', `/api/v1/ration/campaigns/tidewater-n95${new URL(page.url()).pathname.slice('/supplies/tidewater-n95'.length)}/draw.txt`, {});
  assert.match(file.text, /^breakwater draw 1\n/);
  await look(page, '/draws/check', 'en');
  const give = async (text) => {
    await page.goto('/draws/check');
    await page.getByLabel(/The draw’s file/).setInputFiles({ name: 'draw.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
    await page.getByRole('button', { name: 'Draw again' }).first().click();
    return page.locator('.why').innerText();
  };
  assert.match(await give(file.text), /The draw holds/);
  const won = file.text.match(/\ndrawn: \d+ .*\n(ent_\w+)\n(ent_\w+)\n/);
  assert.match(await give(file.text.replace(won[0], won[0].replace(`${won[1]}\n${won[2]}`, `${won[2]}\n${won[1]}`))), /does not hold[\s\S]*belongs to/);
  await page.goto('/draws/check');
  await page.getByLabel('Or paste its text').fill(file.text);
  await page.getByRole('button', { name: 'Draw again' }).last().click();
  await page.locator('.why', { hasText: 'The draw holds' }).waitFor();
  const said = await h.program.api('POST', '/api/v1/draws/replay', { body: { text: file.text } });
  assert.equal(said.status, 200, said.text);
  assert.equal(JSON.parse(said.text).holds, true);
});

h.step('firm: enters for all who are back, counts what it has won, takes the table home', async ({ visit, look }) => {
  const page = await (await visit({ role: 'firm', js: false })).newPage();
  await look(page, '/firm/supplies', 'en');
  assert.match(await page.locator('main').innerText(), /To be fetched, by shop/);
  await page.getByRole('link', { name: 'Enter the draw' }).first().click();
  await page.getByLabel('Where it would be fetched').selectOption({ index: 2 });
  await page.getByRole('button', { name: 'Enter for all who are back' }).click();
  await page.getByText(/\d+ entries for the next draw/).waitFor();
  const csv = await page.request.get('/firm/supplies/vouchers.csv');
  const lines = (await csv.text()).trim().split('\n');
  assert.ok(lines.length > 1 && /[0-9A-Z]{4}-[0-9A-Z]{4}/.test(lines[1]), lines[0]);
});

