// A firm nobody knew, on an office PC whose browser runs no scripts: it claims its
// file, is released, files, uploads a CSV of its own making, prints; and one
// person on its file turns out to be on another firm's roster.

import assert from 'node:assert/strict';
import path from 'node:path';
import { root } from '../harness/program.mjs';
import { codesPrinted } from '../harness/read.mjs';
import { figure } from './figures.mjs';

const table = path.join(root, 'e2e/files/roster-gb18030.csv');
const code = '91330282MA2AFAK30U', name = '石舫试航有限公司', password = 'three waves one wall';

/** The newcomer's office signs in with its credit code. */
async function office(visit) {
  const page = await (await visit({ js: false })).newPage();
  await page.goto('/sign-in');
  await page.getByLabel('User name').fill(code.toLowerCase());
  await page.getByLabel('Password').fill(password);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/firm');
  return page;
}

export function newcomer(h, day) {
  h.step('newcomer: claims its file in two steps, without scripts', async ({ visit }) => {
    const page = await (await visit({ js: false, width: 360 })).newPage();
    await page.goto('/claim');
    await page.getByLabel('Unified social credit code').fill('91330282MA2AFAK30X');
    await page.getByLabel('Firm’s name').or(page.getByLabel("Firm's name")).fill(name);
    await page.getByLabel('Where the firm works').selectOption({ index: 1 }); // the first park of the district
    await page.getByLabel('Your name').fill('林经理');
    await page.getByLabel('Phone').fill('0574-8888 0001');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('.summary').waitFor(); // a wrong check character is seen before anything is sent
    assert.equal(await page.getByLabel('Your name').inputValue(), '林经理');
    await page.getByLabel('Unified social credit code').fill(code);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button', { name: 'Send the claim' }).click();
    await page.waitForURL(/\/claim\/received/);
    day.claim = (await page.locator('.confirm strong').innerText()).trim();
    assert.match(day.claim, /^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
  });

  h.step('officer: sees the claim, opens the number with a reason, releases it', async ({ visit }) => {
    const page = await (await visit({ role: 'officer' })).newPage();
    await page.goto('/desk/claims');
    assert.doesNotMatch(await page.content(), /88880001/, 'the number is hidden in the list');
    await page.getByRole('link', { name }).click();
    await page.getByRole('button', { name: 'Show name and phone' }).click();
    await page.getByText(/8888\s?0001/).waitFor();
    await page.getByRole('button', { name: 'Release' }).click();
    await page.getByText(`${name} can sign in`).waitFor();
  });

  h.step('newcomer: signs in, files, uploads a GB18030 table and is certified, without scripts', async ({ visit }) => {
    const page = await office(visit);
    assert.match(await page.locator('main').innerText(), /Not filed/);
    await page.goto('/firm/file');
    await page.getByLabel(/None of these/).check();
    await page.getByLabel('Line of business').selectOption('software');
    await page.getByLabel('People who will be at work').fill('1');
    for (const [label, n] of [['Masks, pieces', '30'], ['Thermometers for the door', '1'], ['Disinfectant, litres', '5'], [/Isolation rooms/, '0']]) await page.getByLabel(label).fill(n);
    await page.getByLabel(/promises this/).check();
    await page.getByLabel(/who signs/).fill('林经理');
    await page.getByRole('button', { name: 'Check the answers' }).click();
    await page.getByRole('button', { name: 'File', exact: true }).click();
    await page.waitForURL('**/firm');
    assert.match(await page.locator('main').innerText(), /To be completed/);

    await page.goto('/firm/roster');
    await page.getByLabel(/Excel/).setInputFiles(table);
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.waitForURL('**/firm/imports/**');
    assert.deepEqual([await figure(page, 'Accepted'), await figure(page, 'At another firm')], ['1', '1']);
    await page.goto('/firm');
    assert.match(await page.locator('main').innerText(), /Certified/);
  });

  h.step('newcomer: prints its certificate', async ({ t, visit }) => {
    if (day.blind) return t.skip(day.blind);
    const page = await office(visit);
    await page.goto('/firm/certificate');
    const { sheets, codes } = await codesPrinted(await page.pdf({ format: 'A4' }));
    assert.equal(sheets, 1);
    assert.deepEqual(codes.map((c) => c.replace(/:.*/s, '')), ['BW1', 'http']);
  });

  h.step('newcomer asks about a person on two rosters, an officer settles it, both firms are told', async ({ visit }) => {
    let page = await office(visit);
    await page.goto('/firm/roster');
    await page.getByLabel('What the officer should know').fill('Works here since Monday.');
    await page.getByRole('button', { name: 'Works here now: ask' }).click();
    await page.getByText('Asked. An officer looks at it').waitFor();

    page = await (await visit({ role: 'officer' })).newPage();
    await page.goto('/desk/reviews');
    await page.getByRole('row', { name: new RegExp(name) }).getByRole('link').click();
    await page.getByLabel(`Move to ${name}`).check();
    await page.getByLabel('Reason').fill('Both offices confirmed by phone.');
    await page.getByRole('button', { name: 'Settle' }).click();
    await page.getByText('Settled: the person has moved').waitFor();

    page = await office(visit);
    assert.match(await page.locator('main').innerText(), /now on your roster[\s\S]*Both offices confirmed by phone\./);
    assert.match(await page.locator('main').innerText(), /2 people/);
    page = await (await visit({ role: 'firm' })).newPage();
    await page.goto('/firm');
    assert.match(await page.locator('main').innerText(), /now works for another firm/);
  });
}
