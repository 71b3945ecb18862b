// Two records of one person: two officers say so, the person reads it and says that it is
// wrong, and one officer takes the records apart again.

import assert from 'node:assert/strict';
import { house } from './harness/story.mjs';

const h = house({ people: 300 });
const day = {};

h.step('two officers join the pair that the list names, and neither can alone', async ({ visit, look }) => {
  const desk = await (await visit({ role: 'officer', js: false })).newPage();
  await look(desk, '/desk/doubles', 'en');
  const row = desk.locator('tr', { hasText: 'Same name, same birthday' }).first();
  await row.locator('a').first().click();
  await desk.getByRole('heading', { name: 'Are these one person?' }).waitFor();
  [, day.first, day.second] = new URL(desk.url()).pathname.match(/doubles\/(per_\w+)\/(per_\w+)/);
  await desk.getByLabel('What shows it').fill('Both cards were seen at the counter today.');
  await desk.getByRole('button', { name: 'Ask for confirmation' }).click();
  await desk.waitForURL('**/desk/second/act_*');
  const act = new URL(desk.url()).pathname;
  assert.equal(await desk.getByRole('button', { name: 'Confirm' }).count(), 0);

  const second = await (await visit({ role: 'second_officer', js: false })).newPage();
  await look(second, act, 'en');
  await second.getByRole('button', { name: 'Confirm' }).click();
  await second.getByText('Confirmed and done.').waitFor();
  await desk.goto('/desk/doubles');
  assert.match(await desk.locator('main').innerText(), /Said to be one person/);
});

h.step('one officer takes a record apart again, and the pair waits as before', async ({ visit, look }) => {
  const desk = await (await visit({ role: 'officer', js: false })).newPage();
  await look(desk, `/desk/people/${day.second}/same`, 'en');
  await desk.getByLabel('What shows it').fill('Two people: both came to the counter together.');
  await desk.getByRole('button', { name: 'Take apart' }).click();
  await desk.getByText('Taken apart. Each record has its own colour again.').waitFor();
  await desk.goto(`/desk/people/${day.first}/same`);
  await desk.getByText('This person has one record').waitFor();
});

h.step('the person reads which records were joined with theirs, and says that it is wrong', async ({ visit, look }) => {
  const { principal } = await h.program.token('worker');
  const me = principal.scope.id, other = day.first;
  const { token: officer } = await h.program.token('officer');
  const { token: second } = await h.program.token('second_officer');
  const asked = await h.program.api('POST', `/api/v1/people/${me}/same`, { token: officer, body: { other, reason: 'Both cards were seen at the counter today.' } });
  assert.ok(asked.status < 300, asked.text);
  const done = await h.program.api('POST', `/api/v1/doubles/${asked.json.id}/confirm`, { token: second, body: {} });
  assert.ok(done.status < 300, done.text);

  for (const as of [{ lang: 'zh-Hans', width: 360, theme: 'dark' }, { lang: 'en', width: 1440, theme: 'light' }]) {
    const page = await (await visit({ role: 'worker', ...as })).newPage();
    await look(page, '/me/data', as.lang);
    await page.locator('#records summary').click();
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/me-data-${as.lang}-${as.width}-${as.theme}.png`, fullPage: true });
  }
  const page = await (await visit({ role: 'worker', width: 360, js: false })).newPage();
  await page.goto('/me/data');
  assert.match(await page.locator('#records').innerText(), /Records that are yours[\s\S]*You are here by this one/);
  await page.locator('#records summary').click();
  await page.getByLabel('What is wrong').fill('The other record is my sister’s.');
  await page.getByRole('button', { name: 'Ask to have them taken apart' }).click();

  const desk = await (await visit({ role: 'officer', js: false })).newPage();
  await desk.goto('/desk/privacy');
  await desk.locator('main a[href^="/desk/privacy/"]').first().click();
  await desk.locator('textarea[name=reason]').fill('Your sister’s card was seen as well.');
  await desk.getByRole('button', { name: 'Take this record from the others' }).click();
  await page.goto('/me/data');
  assert.equal(await page.locator('#records').count(), 0);
  assert.match(await page.locator('main').innerText(), /sister’s card was seen/);
});
