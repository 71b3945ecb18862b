// A firm's office: sees its state, files again, uploads a file with one bad cell,
// and holds a certificate that anyone can check.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { codesOn, codesPrinted } from '../harness/read.mjs';
import { root } from '../harness/program.mjs';
import { figure } from './figures.mjs';

const workbook = path.join(root, 'e2e/files/roster-libreoffice.xlsx');

export function firm(h, day) {
  h.step('firm: one click from the demo page to its own state', async ({ visit }) => {
    const page = await (await visit({})).newPage();
    await page.goto('/demo');
    await page.getByRole('button', { name: 'Be the firm' }).click();
    await page.waitForURL('**/firm');
    day.firm = await page.locator('h1').innerText();
    assert.match(await page.locator('main').innerText(), /Certified/);
    assert.match(await page.locator('main').innerText(), /86 people/);
  });

  h.step('firm: changes its filing and sees the answer before it is sent', async ({ visit }) => {
    const page = await (await visit({ role: 'firm' })).newPage();
    await page.goto('/firm/file');
    await page.getByLabel('Masks, pieces').fill('10');
    await page.getByRole('button', { name: 'Check the answers' }).click();
    await page.getByText('One thing is still missing').waitFor();
    await page.getByRole('button', { name: 'Change the answers' }).click();
    assert.equal(await page.getByLabel('Masks, pieces').inputValue(), '10', 'what was typed is kept');
    await page.getByLabel('Masks, pieces').fill('2,000');
    await page.getByRole('button', { name: 'Check the answers' }).click();
    await page.getByText('certified at once').waitFor();
    await page.getByRole('button', { name: 'File', exact: true }).click();
    await page.getByText('Filed and certified').waitFor();
    assert.match(await page.locator('main').innerText(), /2,000 pieces/);
  });

  h.step('firm: a workbook made by LibreOffice, one cell wrong', async ({ visit }) => {
    const page = await (await visit({ role: 'firm' })).newPage();
    await page.goto('/firm/roster');
    await page.getByLabel(/Excel/).setInputFiles(workbook);
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.waitForURL('**/firm/imports/**');
    await page.getByText('Cells to mend').first().waitFor();
    assert.deepEqual([await figure(page, 'Accepted'), await figure(page, 'Refused')], ['3', '1']);
    const bad = page.locator('tbody tr');
    assert.equal(await bad.count(), 1);
    const said = await bad.innerText();
    assert.match(said, /\b6\b[\s\S]*身份证号码[\s\S]*3302\*{10}0048[\s\S]*last character/);
    assert.doesNotMatch(await page.content(), /330282197811050048/, 'the number stands nowhere in full');

    const [copy] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /marked/ }).click()]);
    assert.match(copy.suggestedFilename(), /\.xlsx$/);
    const bytes = await readFile(await copy.path());
    assert.equal(bytes.subarray(0, 2).toString(), 'PK', 'a real workbook');

    // The marked copy, unmended, is itself a roster with that one row.
    await page.goto('/firm/roster');
    await page.getByLabel(/Excel/).setInputFiles({ name: 'marked.xlsx', mimeType: 'application/octet-stream', buffer: bytes });
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByText('Cells to mend').first().waitFor();
    assert.deepEqual([await figure(page, 'Accepted'), await figure(page, 'Refused')], ['0', '1']);
  });

  h.step('firm: the same workbook again changes nothing, and a file that is none is not taken', async ({ visit }) => {
    const page = await (await visit({ role: 'firm' })).newPage();
    await page.goto('/firm/roster');
    await page.getByLabel(/Excel/).setInputFiles(workbook);
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByText('Cells to mend').first().waitFor();
    assert.deepEqual([await figure(page, 'Accepted'), await figure(page, 'Unchanged'), await figure(page, 'Refused')], ['0', '3', '1']);
    await page.goto('/firm/roster');
    const [template] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download the template' }).click()]);
    assert.equal((await readFile(await template.path())).subarray(0, 2).toString(), 'PK');
    await page.getByLabel(/Excel/).setInputFiles({ name: 'roster.xls', mimeType: 'application/vnd.ms-excel', buffer: Buffer.from('d0cf11e0a1b11ae1'.padEnd(4096, '0'), 'hex') });
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByText('This file was not taken; nothing was changed').waitFor();
    assert.match(await page.locator('.why').innerText(), /\.xlsx/, 'it says how to save it instead');
  });

  h.step('firm: takes people off the roster and back', async ({ visit }) => {
    const page = await (await visit({ role: 'firm' })).newPage();
    await page.goto('/firm/roster?q=叶小舟');
    assert.equal(await page.locator('tbody tr').count() >= 1, true);
    await page.goto('/firm/roster?q=330282198503120011');
    await page.locator('input[name=people]').check();
    await page.getByRole('button', { name: 'Take off the roster…' }).click();
    await page.getByRole('button', { name: 'Take off the roster', exact: true }).click();
    await page.getByText('One person was taken off the roster.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('One person is back on the roster.').waitFor();
  });

  h.step('firm: both codes of the certificate are read from the screen and from paper', async ({ t, visit }) => {
    if (day.blind) return t.skip(day.blind);
    for (const width of [1440, 360]) {
      const page = await (await visit({ role: 'firm', width, options: { deviceScaleFactor: 2 } })).newPage();
      await page.goto('/firm/certificate');
      day.code = (await page.locator('.sheet-code').first().innerText()).trim();
      const [credential, address, ...more] = await codesOn(await page.screenshot({ fullPage: true }));
      assert.deepEqual(more, []);
      assert.match(credential, /^BW1:/);
      assert.match(address, new RegExp(`^https?://[^/]+/c/${day.code}$`));
      day.credential = credential;
      day.address = address;
      if (width === 360) continue;
      const paper = await codesPrinted(await page.pdf({ format: 'A4', printBackground: true }));
      assert.deepEqual(paper, { sheets: 1, codes: [credential, address] });
    }
  });

  h.step('firm: the program says on the command line that the certificate is valid', async ({ t }) => {
    if (day.blind) return t.skip(day.blind);
    const said = await h.program.command('credential', 'verify', '--json', day.credential);
    assert.equal(said.code, 0, said.out + said.err);
    const { valid, failed_step: failed, status } = JSON.parse(said.out);
    assert.deepEqual({ valid, failed, status }, { valid: true, failed: null, status: 'valid' });
    const spoilt = day.credential.slice(0, -1) + (day.credential.endsWith('0') ? '1' : '0');
    assert.notEqual((await h.program.command('credential', 'verify', '--json', spoilt)).code, 0);
  });
}
