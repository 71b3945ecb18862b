// Two officers: a work list, one decision for several firms, and a second pair of eyes.

import assert from 'node:assert/strict';

export function pair(h, day) {
  h.step('officer: a case is taken, looked at and told about once', async ({ visit }) => {
    const page = await (await visit({ role: 'officer', js: false })).newPage();
    await page.goto('/desk/cases?view=unassigned');
    await page.locator('tbody a').first().click();
    await page.getByRole('button', { name: 'Take it' }).click();
    await page.getByText('The case is yours.').waitFor();
    await page.getByRole('button', { name: 'Record it' }).click();
    await page.locator('.summary').waitFor();
    await page.getByLabel('By video').check();
    await page.getByLabel('In order', { exact: true }).check();
    await page.getByLabel('What was seen').fill('Masks and thermometers are there.');
    await page.getByRole('button', { name: 'Record it' }).click();
    await page.getByText('Masks and thermometers are there.').waitFor();
    await page.getByLabel('What is missing, one point a line').fill('The disinfection log\nA photo of the isolation room');
    await page.getByRole('button', { name: 'Tell the firm' }).click();
    await page.getByText('A photo of the isolation room').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Tell the firm' }).count(), 0, 'it is told once');
  });

  h.step('officer: j and Enter open the next case', async ({ visit }) => {
    const page = await (await visit({ role: 'officer' })).newPage();
    await page.goto('/desk/cases');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/desk/cases/cas_*');
  });

  h.step('officer: one decision for several firms waits, and cannot be confirmed alone', async ({ visit }) => {
    const page = await (await visit({ role: 'officer', js: false })).newPage();
    await page.goto('/desk/cases?view=waiting');
    const ticks = page.locator('input[name=firms]');
    assert.ok(await ticks.count() > 1, 'firms to tick');
    await ticks.nth(0).check();
    await ticks.nth(1).check();
    await page.getByRole('button', { name: 'Ask a second officer' }).click();
    await page.locator('.summary').waitFor();
    assert.ok(await ticks.nth(1).isChecked(), 'what was ticked stays');
    await page.locator('select[name=state]').selectOption('certified');
    await page.getByLabel('Reason', { exact: true }).fill('Supplies seen at both.');
    await page.getByRole('button', { name: 'Ask a second officer' }).click();
    await page.waitForURL('**/desk/second/act_*');
    day.act = new URL(page.url()).pathname;
    await page.getByText('You asked for this').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Confirm' }).count(), 0);
  });

  h.step('second officer: reads, confirms, and it is done', async ({ visit, look }) => {
    const page = await (await visit({ role: 'second_officer', js: false })).newPage();
    await look(page, '/desk/second', 'en');
    await page.goto(day.act);
    await page.getByText('Supplies seen at both.').waitFor();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Confirmed and done.').waitFor();
    await page.goto(day.act);
    await page.getByText('Confirmed', { exact: true }).first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Confirm' }).count(), 0);
    assert.equal((await page.goto('/desk/cases')).status(), 403, 'alone it does nothing');
  });
}
