// A worker with an old phone: the code, and what it says when the firm is stopped.

import assert from 'node:assert/strict';
import { codesOn } from '../harness/read.mjs';

/** An officer's word on the demo firm, given on its own page. */
async function decide(page, firm, choice, reason) {
  await page.goto(`/desk/resumption?q=${encodeURIComponent(firm)}`);
  await page.getByRole('link', { name: firm, exact: true }).click();
  await page.getByLabel(choice).check();
  await page.getByLabel('Reason', { exact: true }).fill(reason);
  await page.getByRole('button', { name: 'Go on…' }).click();
  await page.getByRole('button', { name: 'Let it stand' }).click();
  await page.locator('.notice').first().waitFor();
}

export function worker(h, day) {
  h.step('worker: a code that says who may go in, until when, and why', async ({ t, visit }) => {
    const page = await (await visit({ role: 'worker', width: 360, options: { deviceScaleFactor: 2 } })).newPage();
    await page.goto('/me/code');
    assert.match(await page.locator('.big').innerText(), /Go in/);
    day.short = (await page.locator('.aloud').innerText()).trim();
    assert.match(day.short, /^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
    assert.match(await page.locator('main').innerText(), new RegExp(`${day.firm} may work`));
    assert.match(await page.locator('.facts-list').innerText(), /^\s*Name\s*\S\*/, 'the name is masked');
    if (day.blind) return t.diagnostic(day.blind);
    const [code] = await codesOn(await page.screenshot({ fullPage: true }));
    assert.match(code, /^BW1:/);
    day.pass = code;
  });

  h.step('officer: finds a firm and stops it; worker: the code stops, with the reason', async ({ visit }) => {
    const desk = await (await visit({ role: 'officer' })).newPage();
    await decide(desk, day.firm, 'Refused', 'Two people with fever since Monday.');
    assert.match(await desk.locator('main').innerText(), /Refused[\s\S]*Two people with fever since Monday\./);

    const phone = await (await visit({ role: 'worker', width: 360 })).newPage();
    await phone.goto('/me/code');
    assert.match(await phone.locator('.big').innerText(), /Stop/);
    const said = await phone.locator('main').innerText();
    assert.match(said, /may not resume work for now/);
    assert.doesNotMatch(said, /fever/, 'the health fact is not the worker’s to read');
    assert.equal(await phone.locator('.qr').count(), 0, 'no code is shown that would not hold');
  });

  h.step('firm: is told, with the officer’s reason, and has no certificate', async ({ visit }) => {
    const page = await (await visit({ role: 'firm' })).newPage();
    await page.goto('/firm');
    assert.match(await page.locator('#told').locator('xpath=ancestor::section').innerText(), /Two people with fever since Monday\./);
    assert.equal((await page.goto('/firm/certificate')).status(), 409);
    const gone = await page.goto(`/c/${day.code}`);
    assert.equal(gone.status(), 200);
    assert.match(await page.locator('.pass .big').innerText(), /Ended/);
  });

  h.step('guard: the stopped code is a class of reason, no more', async ({ visit }) => {
    const page = await (await visit({ role: 'guard', width: 360 })).newPage();
    await page.goto('/gate');
    await page.getByLabel(/Short code/).fill(day.short);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    const said = await page.locator('.gate').innerText();
    assert.match(said, /Stop[\s\S]*not certified/);
    assert.doesNotMatch(said, /fever/);
  });

  h.step('officer: hands the file back to the rules; worker: the code returns by itself', async ({ visit }) => {
    const desk = await (await visit({ role: 'officer' })).newPage();
    await decide(desk, day.firm, 'The rules decide again', 'Both tested negative.');
    const phone = await (await visit({ role: 'worker', width: 360 })).newPage();
    await phone.goto('/me/code');
    assert.match(await phone.locator('.big').innerText(), /Go in/);
    day.short = (await phone.locator('.aloud').innerText()).trim();
  });
}
