// Keys and what is withdrawn: from an officer's click to a guard's phone, with the
// network and without, and a signing key that two officers let another follow.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { offline } from './harness/browser.mjs';
import { house } from './harness/story.mjs';

const h = house({ people: 400, timeout: 240_000 });
const day = {};

/** What the guard's page answers to a code. */
async function check(page, text) {
  await page.getByText('In', { exact: true }).click();
  await page.getByLabel(/Short code/).fill(text);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  const answer = page.locator('.gate');
  await answer.waitFor();
  const said = await answer.innerText();
  await answer.getByText('Next', { exact: true }).click();
  await answer.waitFor({ state: 'detached' });
  return said;
}

const kept = (page) => page.locator('[data-kept]').getAttribute('data-kept');

/** Waits until the page has learnt something by itself, and says how many seconds it took. */
async function learns(page, before) {
  const begun = performance.now();
  await page.waitForFunction((was) => document.querySelector('[data-kept]').dataset.kept !== was, before, { timeout: 65_000 });
  return (performance.now() - begun) / 1000;
}

const decide = async (state, reason) => {
  const r = await h.program.api('POST', `/api/v1/firms/${day.firm}/decision`, { token: (await h.program.token('officer')).token, body: { state, reason } });
  assert.equal(r.status, 200, r.text);
};

const myCode = async (visit) => {
  const context = await visit({ role: 'worker' });
  return (await (await context.request.get('/me/code', { headers: { accept: 'application/json' } })).json()).credential;
};

h.step('guard: a withdrawal reaches a phone that only stands there within a minute, and is known when its network is gone', async ({ visit }) => {
  day.firm = (await h.program.token('firm')).principal.scope.id;
  day.code = await myCode(visit);
  const context = await visit({ role: 'guard', width: 360 });
  const page = await context.newPage();
  await page.goto('/gate');
  await page.waitForFunction(() => document.querySelector('[data-kept]').dataset.kept !== '');
  assert.match(await page.locator('[data-kept-say]').innerText(), /as of \d\d:\d\d:\d\d/);

  assert.match(await check(page, day.code), /Come in|Already inside/);
  const forged = day.code.slice(0, 60) + (day.code[60] === 'A' ? 'B' : 'A') + day.code.slice(61);
  await offline(context, async () => {
    const said = await check(page, day.code);
    assert.match(said, /Not withdrawn[\s\S]*as of|had not withdrawn it at \d\d:\d\d/);
    assert.match(said, /counted once when the network is back/);
    assert.match(await check(page, forged), /Stop[\s\S]*no code of a person/);
  });

  const before = await kept(page);
  await decide('refused', 'Seen on site: works without masks.');
  const seconds = await learns(page, before);
  console.log(`from the click to the phone that asked nobody: ${seconds.toFixed(1)} s`);
  assert.ok(seconds <= 60, `${seconds} s`);
  assert.match(await check(page, day.code), /Stop/, 'with the network, the server’s own word');
  await offline(context, async () => assert.match(await check(page, day.code), /Stop[\s\S]*suspended or withdrawn/));

  const then = await kept(page);
  await decide('certified', 'Masks are there now.');
  const back = await learns(page, then);
  console.log(`and back: ${back.toFixed(1)} s`);
  await offline(context, async () => assert.match(await check(page, day.code), /Not withdrawn/));
});

h.step('officers: a new key follows by two, is listed before it signs, and the old one holds', async ({ visit, look }) => {
  const officer = await (await visit({ role: 'officer', js: false })).newPage();
  await look(officer, '/desk/keys', 'en');
  await officer.getByLabel('As planned').check();
  await officer.getByLabel('Reason').fill('The yearly change.');
  await officer.getByRole('button', { name: /second officer|Ask/ }).click();
  await officer.waitForURL('**/desk/keys');
  assert.equal(await officer.getByText('listed, signs soon').count(), 0, 'nothing by one alone');

  const second = await (await visit({ role: 'second_officer', js: false, width: 360 })).newPage();
  await second.goto('/desk/second');
  await second.getByRole('link', { name: /A new signing key/ }).first().click();
  await second.getByText('The yearly change.').waitFor();
  await second.getByRole('button', { name: 'Confirm' }).click();
  await second.getByText('Confirmed and done.').waitFor();
  await look(officer, '/desk/keys', 'en');
  await officer.getByText('listed, signs soon').waitFor();

  const list = await fetch(`${h.url}/.well-known/breakwater-trust.json`);
  assert.equal(list.headers.get('cache-control'), 'public, max-age=30');
  const text = await list.text();
  const { keys } = JSON.parse(text);
  assert.deepEqual(keys.map((k) => k.state), ['current', 'next']);
  assert.equal((await fetch(`${h.url}/.well-known/breakwater-trust.json`, { headers: { 'if-none-match': list.headers.get('etag') } })).status, 304);

  // Somebody elsewhere verifies with the list alone.
  const folder = await mkdtemp(path.join(tmpdir(), 'breakwater-trust-'));
  await writeFile(path.join(folder, 'trust.json'), text);
  const said = await h.program.command('credential', 'verify', '--trust', folder, day.code);
  await rm(folder, { recursive: true });
  assert.equal(said.code, 0, said.out + said.err);
});

h.step('keeper: a lost key ends at once, and a phone without network does not believe it', async ({ visit }) => {
  const context = await visit({ role: 'guard', width: 360 });
  const page = await context.newPage();
  await page.goto('/gate');
  await page.waitForFunction(() => document.querySelector('[data-kept]').dataset.kept !== '');
  const old = await myCode(visit);
  const before = await kept(page);
  const turned = await h.program.command('key', 'rotate', '--lost', '--reason', 'backup disk missing');
  assert.equal(turned.code, 0, turned.out + turned.err);
  const seconds = await learns(page, before); // the list is signed by another key
  console.log(`from a lost key to the phone: ${seconds.toFixed(1)} s`);
  assert.match(await check(page, old), /Stop/);
  const fresh = await myCode(visit);
  assert.notEqual(fresh, old);
  await offline(context, async () => {
    assert.match(await check(page, old), /Stop[\s\S]*a key it still uses/);
    assert.match(await check(page, fresh), /Not withdrawn/);
  });
});
