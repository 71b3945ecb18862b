// A policy from a file to a firm's certificate: uploaded by one officer, tried on
// the whole district, brought into force by two; then the promise, which is a policy
// too, held against heads at a gate.

import assert from 'node:assert/strict';
import { house } from './harness/story.mjs';

const h = house({ people: 400, timeout: 90_000 });
const day = {};

/** Uploads a text as a policy file and leaves the page where it came to. */
async function upload(page, text) {
  await page.goto('/desk/policies');
  await page.locator('#f-file').setInputFiles({ name: 'policy.toml', mimeType: 'application/toml', buffer: Buffer.from(text) });
  await page.getByRole('button', { name: 'Upload and check' }).last().click();
}

/** The file of the policy in force whose title is given, as its page offers it. */
async function sourceOf(context, page, title) {
  await page.goto('/desk/policies');
  await page.locator('tbody tr', { hasText: 'In force' }).getByRole('link', { name: title }).click();
  return (await context.request.get(await page.getByRole('link', { name: 'The policy as a file' }).getAttribute('href'))).text();
}

const changed = (text, ...pairs) => pairs.reduce((t, [from, to]) => {
  assert.ok(t.includes(from), `no ${from} in the policy`);
  return t.replace(from, to);
}, text);

/** Asks for the policy whose page is open and has the second officer confirm it. */
async function activate(visit, page, why) {
  await page.getByLabel('Why', { exact: true }).fill(why);
  await page.getByLabel(/I know that it does not begin on/).check();
  await page.getByRole('button', { name: 'Ask a second person' }).click();
  await page.waitForURL('**/desk/second/act_*');
  await page.getByText('You asked for this').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Confirm' }).count(), 0, 'nobody confirms alone');
  const act = new URL(page.url()).pathname;
  const two = await (await visit({ role: 'second_officer', js: false })).newPage();
  await two.goto(act);
  await two.getByText(why).waitFor();
  await two.getByRole('button', { name: 'Confirm' }).click();
  await two.getByText('Confirmed and done.').waitFor();
}

/** Loads a page again until it says something: a fact takes up to two seconds. */
async function until(page, path, text) {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    await page.goto(path);
    if (await page.getByText(text).count()) return;
  }
  assert.fail(`${path} never said ${text}`);
}

h.step('what is wrong with a policy is said line by line, and nothing is lost', async ({ visit }) => {
  const context = await visit({ role: 'officer', js: false });
  const page = await context.newPage();
  day.file = await sourceOf(context, page, /filing, negative list and promise/);
  const before = await page.goto('/desk/policies').then(() => page.locator('tbody tr').count());

  const wordless = changed(day.file, ['version = "2020-02-11"', 'version = "spring"'], ['valid_until = 2020-03-21', 'valid_until = 2020-02-01'],
    ['title = { en = "Thermometers", zh-Hans = "测温计（支）" }', 'title = { en = "Thermometers" }']);
  await upload(page, wordless);
  const lineOf = (text, part) => text.slice(0, text.indexOf(part)).split('\n').length;
  const said = await page.locator('.summary li').allInnerTexts();
  assert.deepEqual(said, [
    `Line ${lineOf(wordless, 'valid_until =')}: The end must be later than the beginning.`,
    `Line ${lineOf(wordless, 'title = { en = "Thermometers" }')}: This sentence is missing. Every sentence is needed in English and in Chinese.`,
  ]);
  assert.equal((await page.getByLabel('The policy as you sent it').inputValue()).trim(), wordless.trim(), 'the text stands there to be mended');

  const odd = changed(day.file, ['version = "2020-02-11"', 'version = "spring"'], ['mask_days_required = 3', 'mask_days_required = 30'], ['masks >= 0 &&', 'mask >= 0 &&']);
  await page.getByLabel('The policy as you sent it').fill(odd);
  await page.getByRole('button', { name: 'Upload and check' }).first().click();
  assert.match(await page.locator('.summary').innerText(), new RegExp(`Line ${lineOf(odd, 'mask >= 0')}, column 1 of the expression “mask >= 0[^”]*”: mask is no fact`));
  assert.equal(await page.locator('tbody tr').count(), before, 'no policy more, none less');

  const taken = changed(day.file, ['mask_days_required = 3', 'mask_days_required = 30']);
  await page.getByLabel('The policy as you sent it').fill(taken);
  await page.getByRole('button', { name: 'Upload and check' }).first().click();
  await page.locator('.summary').getByText(/version/i).waitFor();

  await page.getByLabel('The policy as you sent it').fill(changed(odd, ['mask >= 0', 'masks >= 0']));
  await page.getByRole('button', { name: 'Upload and check' }).first().click();
  await page.getByText('The policy was checked and kept.').waitFor();
  day.spring = new URL(page.url()).pathname;
});

h.step('what it would change: how many firms, and which', async ({ visit, look }) => {
  const context = await visit({ role: 'officer' });
  const page = await context.newPage();
  await look(page, `${day.spring}/what-if`, 'en');
  const count = Number((await page.locator('h2', { hasText: 'Firms with another answer' }).innerText()).match(/\d+/)[0]);
  assert.ok(count > 0);
  const rows = await page.locator('#firms tbody tr').allInnerTexts();
  assert.equal(rows.length, Math.min(count, 50));
  assert.ok(rows.every((r) => /Certified[\s\S]*Returned[\s\S]*masks/i.test(r)), rows[0]);
  const file = await (await context.request.get(`${day.spring}/what-if.csv`)).text();
  assert.equal(file.trim().split('\n').length - 1, count, 'the file has all of them');
  await page.goto(`${day.spring}/what-if?from=refused&to=certified`);
  await page.getByText('No firm stands here').waitFor();
});

h.step('a promise of the district’s own: tried, and brought into force by two', async ({ visit, look }) => {
  const context = await visit({ role: 'officer', js: false });
  const page = await context.newPage();
  const promise = await sourceOf(context, page, /the promise against facts/);
  // At once, and of heads alone: a story does not wait ten minutes, nor hang on the hour.
  await upload(page, changed(promise, ['version = "2020-02-19"', 'version = "at-once"'], ['warn_minutes = 10 ', 'warn_minutes = 0 '], ['lift_minutes = 30 ', 'lift_minutes = 0 '],
    ['reports_percent_least = 80', 'reports_percent_least = 0'], ['reports_percent_hardly = 50', 'reports_percent_hardly = 0'], ['masks_per_person_per_day = 1', 'masks_per_person_per_day = 5']));
  await page.getByText('The policy was checked and kept.').waitFor();
  const one = new URL(page.url()).pathname;
  const seen = await (await visit({ role: 'officer' })).newPage();
  await look(seen, `${one}/what-if`, 'en');
  const rows = await seen.locator('#firms tbody tr').allInnerTexts();
  assert.ok(rows.length > 0 && rows.every((r) => /if it lasts|Promise kept/.test(r)), 'the firms by name, from what to what');
  assert.match(rows.join(), /supplies-(low|out)/);

  await page.goto(one);
  await page.getByRole('link', { name: 'The policy as a file' }).waitFor();
  await activate(visit, page, 'Heads are watched at once.');
  await page.goto('/desk/policies');
  const link = page.locator('.card', { hasText: 'Changes of policy' }).getByRole('link', { name: /at-once/ });
  const change = await link.getAttribute('href');
  await until(page, change, 'every firm was asked');
  await page.getByText('What follows comes step by step').waitFor();
});

h.step('two officers bring it into force, and the firm reads why and what would turn it', async ({ visit, look }) => {
  const page = await (await visit({ role: 'officer', js: false })).newPage();
  await page.goto(day.spring);
  await activate(visit, page, 'Masks are scarce this spring.');
  await page.goto('/desk/policies');
  await page.locator('.card', { hasText: 'Changes of policy' }).getByRole('link').first().click();
  const change = page.url();
  await until(page, change, 'every firm was asked');
  assert.match(await page.locator('main').innerText(), /Certified[\s\S]*Returned[\s\S]*firms/);

  const firm = await (await visit({ role: 'firm' })).newPage();
  await look(firm, '/firm/explanation', 'en');
  const said = await firm.locator('main').innerText();
  assert.match(said, /The rules ask for something to be mended first/);
  assert.match(said, /version spring/, 'which version');
  assert.match(said, /Rests on:/i, 'which rule, in words');
  assert.match(said, /The smallest change that would turn the answer[\s\S]*Masks in stock \(pieces\): from 688 to [\d,]+, [\d,]+ more/);
  assert.match(said, /What the rules looked at[\s\S]*Staff resuming work[\s\S]*86/);
});

h.step('heads above what is approved: a warning, a flag at the officer, and back to valid', async ({ visit }) => {
  const office = await h.program.token('firm');
  const inside = async () => {
    const { json } = await h.program.api('GET', `/api/v1/firms/${office.principal.scope.id}/watch`, { token: office.token });
    return json.lines.find((l) => l.name === 'people_inside').measured;
  };
  const { token, principal } = await h.program.token('guard');
  const pass = async (code, direction) => {
    const r = await h.program.api('POST', '/api/v1/gate/checks', { token, body: { gate: principal.scope.id, short_code: code, direction } });
    assert.equal(r.status, 200, r.text);
    return r.json.code === 'ok';
  };
  const firm = await (await visit({ role: 'firm', js: false })).newPage();
  const file = async (people) => {
    await firm.goto('/firm/file');
    await firm.getByLabel('Masks, pieces').fill('90000');
    await firm.getByLabel('People who will be at work').fill(String(people));
    await firm.getByRole('button', { name: 'Check the answers' }).click();
    await firm.getByRole('button', { name: 'File', exact: true }).click();
    await firm.getByText('Filed and certified').waitFor();
  };
  await file(86); // the masks that were asked for: it may work again
  await firm.goto('/firm/roster');
  for (let n = 0; n < 12; n++) await firm.locator('input[name=people]').nth(n).check();
  await firm.locator('[formaction$="/codes"]').click();
  await firm.locator('.qr30').first().waitFor();
  const codes = new Set((await firm.locator('main').innerText()).match(/\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b/g));

  // The district is at work: some of them are inside. They go first, so that it is known who is.
  let left = await inside();
  for (const code of codes) if (await pass(code, 'out')) left--;
  const end = Date.now() + 10_000;
  while (await inside() !== left) assert.ok(Date.now() < end, `${left} ought to be inside`);
  const approved = left + 2;
  await file(approved);
  const name = await firm.locator('h1').innerText();
  const came = [];
  for (const code of codes) if (came.length < 3 && await pass(code, 'in')) came.push(code);
  assert.equal(came.length, 3, 'three more people');
  const at = Date.now();
  await until(firm, '/firm/promise', 'Warning');
  assert.ok(Date.now() - at < 8000, 'said within seconds');
  const over = new RegExp(`${approved + 1} people are inside and ${approved} are approved, 1 too many`);
  assert.match(await firm.locator('main').innerText(), over);
  assert.match(await firm.locator('main').innerText(), /version at-once/);

  const officer = await (await visit({ role: 'officer' })).newPage();
  await officer.goto('/desk/flags?rule=heads-above');
  await officer.locator('tbody tr', { hasText: name }).getByText(over).waitFor();
  const card = await (await visit({})).newPage();
  await firm.goto('/firm/certificate');
  day.certificate = await firm.locator('a[href*="/c/"]').first().getAttribute('href').catch(() => '');

  await pass(came[0], 'out');
  await until(firm, '/firm/promise', 'Promise kept');
  await officer.goto('/desk/flags?rule=heads-above');
  assert.equal(await officer.locator('tbody tr', { hasText: name }).count(), 0, 'the flag is gone');
  if (day.certificate) {
    await card.goto(day.certificate);
    assert.match(await card.locator('main').innerText(), /valid/i);
  }
});
