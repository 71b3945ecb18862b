// The desk: a file that lacks things gets one complete list, the firm completes it, an
// officer takes and decides, two people decide for many, somebody else hears an appeal,
// and what is late is said. The work list is worked by the keyboard alone.

import assert from 'node:assert/strict';
import { house } from './harness/story.mjs';

const h = house({ people: 400, timeout: 90_000 });
const day = {};

/** Which element has the keyboard, as its text. */
const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim());

h.step('a firm that lacks things is told everything at once, and files again', async ({ visit, look }) => {
  const firm = await (await visit({ role: 'firm', js: false })).newPage();
  await firm.goto('/firm');
  day.firm = await firm.locator('h1').innerText();
  await firm.goto('/firm/file');
  await firm.getByLabel('Masks, pieces').fill('1');
  await firm.getByLabel('Thermometers').fill('0');
  await firm.getByRole('button', { name: 'Check the answers' }).click();
  await firm.getByRole('button', { name: /^File/ }).click();
  await firm.goto('/firm');
  const seen = await (await visit({ role: 'firm' })).newPage();
  await look(seen, '/firm/explanation', 'en');
  const list = await seen.locator('main').innerText();
  assert.match(list, /mask/i);
  assert.match(list, /thermometer/i);

  const officer = await (await visit({ role: 'officer', js: false })).newPage();
  await officer.goto('/desk/cases?view=waiting');
  const row = officer.locator('tbody tr', { hasText: day.firm });
  await row.getByText(/stands since/).waitFor();
  assert.equal(Number(await row.locator('td.num').innerText()), 2, 'two things, told once');

  await firm.goto('/firm/file');
  await firm.getByLabel('Masks, pieces').fill('900');
  await firm.getByLabel('Thermometers').fill('3');
  await firm.getByRole('button', { name: 'Check the answers' }).click();
  await firm.getByRole('button', { name: 'File', exact: true }).click();
  await firm.getByText('Filed and certified').waitFor();
  await officer.goto('/desk/cases?view=waiting');
  assert.equal(await officer.locator('tbody tr', { hasText: day.firm }).count(), 0, 'a clean file closes its case by itself');
});

h.step('what is late is said, to who works it and to the chief', async ({ visit, look }) => {
  const page = await (await visit({ role: 'officer' })).newPage();
  await look(page, '/desk/cases?view=late', 'en');
  await page.locator('tbody tr .clock.late').first().waitFor();
  await look(page, '/desk/late', 'en');
  const told = page.locator('form', { has: page.getByRole('button', { name: 'Seen, I look after it' }) }).first();
  const one = await told.locator('input[name=case]').inputValue();
  const step = await told.locator('input[name=step]').inputValue();
  const same = page.locator(`form:has(input[name=case][value="${one}"]):has(input[name=step][value="${step}"])`);
  assert.equal(await same.count(), 1, 'told of it once');
  await told.getByRole('button').click();
  await page.getByText('Marked as seen.', { exact: true }).waitFor();
  assert.equal(await same.count(), 0); // others may have become late meanwhile
});

h.step('the work list by the keyboard alone: help, walk, tick, open, take, take back, next', async ({ visit }) => {
  const page = await (await visit({ role: 'officer' })).newPage();
  const key = (k) => page.keyboard.press(k);
  await page.goto('/desk/cases?view=unassigned');
  const names = (await page.locator('tbody td a').allInnerTexts()).map((t) => t.trim());
  assert.ok(names.length > 2, 'cases nobody has');
  await key('?');
  await page.getByText('to the next row').waitFor();
  assert.match(await focused(page), /Keys/);
  await key('Escape');
  await page.getByText('to the next row').waitFor({ state: 'hidden' });

  await key('j');
  assert.equal(await focused(page), names[0]);
  await key('j');
  assert.equal(await focused(page), names[1]);
  await key('k');
  assert.equal(await focused(page), names[0]);
  const tick = page.locator('tbody tr').first().locator('input[type=checkbox]');
  if (await tick.count()) {
    await key('x');
    assert.ok(await tick.isChecked(), 'ticked');
    await key('x');
    assert.ok(!await tick.isChecked());
  }
  await key('Enter');
  await page.waitForURL('**/desk/cases/cas_*');
  day.taken = new URL(page.url()).pathname;
  await key('t');
  await page.getByText('The case is yours.').waitFor();
  await page.getByRole('button', { name: 'Take that back' }).waitFor();
  await key('u');
  await page.getByText('Taken back. Whoever had the case before has it again.').waitFor();
  assert.match(await page.locator('.steps').innerText(), /Assignment taken back[\s\S]*Case taken/i, 'a fact of its own');
  assert.equal(await page.getByRole('button', { name: 'Take that back' }).count(), 0);
  await key('t');
  await page.getByText('The case is yours.').waitFor();
  await key('n');
  await page.waitForURL((u) => u.pathname.startsWith('/desk/cases/cas_') && u.pathname !== day.taken);
});

h.step('without scripts the keys are a list to unfold, and the way on is a link', async ({ visit, look }) => {
  const page = await (await visit({ role: 'officer', js: false, width: 360 })).newPage();
  await look(page, '/desk/cases', 'en');
  assert.ok(await page.locator('details[data-keys] summary').isVisible());
  await page.goto(day.taken);
  await page.getByRole('link', { name: 'Next case' }).click();
  await page.waitForURL('**/desk/cases/cas_*');
});

h.step('an officer decides, and goes on to the next', async ({ visit }) => {
  const page = await (await visit({ role: 'officer', js: false })).newPage();
  await page.goto(day.taken);
  await page.getByRole('link', { name: /firm’s file|firm's file/ }).click();
  await page.getByLabel('Refused').check();
  await page.getByLabel('Reason', { exact: true }).fill('The line of business waits by the district’s notice.');
  await page.getByRole('button', { name: 'Go on…' }).click();
  await page.getByRole('button', { name: 'Let it stand' }).click();
  await page.getByRole('link', { name: 'Next case' }).click();
  await page.waitForURL('**/desk/cases/cas_*');
  assert.notEqual(new URL(page.url()).pathname, day.taken);
  await page.goto(day.taken);
  await page.getByText('Refused').first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'Take it' }).count(), 0, 'what is decided is decided');
});

h.step('one decision for several firms needs a second person', async ({ visit }) => {
  const page = await (await visit({ role: 'officer', js: false })).newPage();
  await page.goto('/desk/cases?view=waiting');
  const ticks = page.locator('input[name=firms]');
  assert.ok(await ticks.count() > 1);
  await ticks.nth(0).check();
  await ticks.nth(1).check();
  await page.locator('select[name=state]').selectOption('certified');
  await page.getByLabel('Reason', { exact: true }).fill('Supplies seen at both places.');
  await page.getByRole('button', { name: 'Ask a second officer' }).click();
  await page.waitForURL('**/desk/second/act_*');
  assert.equal(await page.getByRole('button', { name: 'Confirm' }).count(), 0);
  const two = await (await visit({ role: 'second_officer', js: false })).newPage();
  await two.goto(new URL(page.url()).pathname);
  await two.getByRole('button', { name: 'Confirm' }).click();
  await two.getByText('Confirmed and done.').waitFor();
});

h.step('who decided does not hear the appeal', async ({ visit }) => {
  const office = await h.program.token('firm'), desk = await h.program.token('officer');
  const call = async (who, where, body) => {
    const r = await h.program.api('POST', `/api/v1${where}`, { token: who.token, body });
    assert.equal(r.status, 200, r.text);
    return r.json;
  };
  const firm = office.principal.scope.id;
  await call(desk, `/firms/${firm}/decision`, { state: 'refused', reason: 'Seen open without masks.' });
  const page = await (await visit({ role: 'firm', js: false })).newPage();
  await page.goto('/firm/appeal');
  await page.getByLabel('Why do you not agree?').fill('The masks were in the store; the delivery note of that morning shows it.');
  await page.getByRole('button', { name: 'Send the appeal' }).click();
  await page.getByText('Your appeal has come in.').first().waitFor();
  await page.locator('input[type=file]').setInputFiles({ name: 'note.png', mimeType: 'image/png', buffer: png() });
  await page.getByRole('button', { name: 'Add the photo' }).click();
  await page.getByText('The photo is kept with the case.').waitFor();

  const officer = await (await visit({ role: 'officer', js: false })).newPage();
  await officer.goto('/desk/cases');
  await officer.locator('tbody tr', { hasText: day.firm }).getByRole('link').click();
  await officer.getByText('the delivery note of that morning').waitFor();
  await officer.getByText('Somebody else has to decide this appeal').waitFor();
  assert.equal(await officer.locator('img.thumb').count(), 1, 'the firm’s photo');
  for (const name of ['Decide', 'Take it', 'Tell the firm', 'Record it']) assert.equal(await officer.getByRole('button', { name }).count(), 0, name);
});

/** A picture of one pixel. */
function png() {
  return Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64');
}
