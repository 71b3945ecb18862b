// People's reports: one tap, for somebody else, on paper; a colour with its reason and
// its end; a code that two officers hold, the gate that turns it away, and what the
// person reads of it all.

import assert from 'node:assert/strict';
import { house } from './harness/story.mjs';

const h = house({ people: 300 });
const day = {};

/** What the gate answers to a code typed in. */
async function check(page, code) {
  await page.goto('/gate');
  await page.getByText('In', { exact: true }).click();
  await page.getByLabel(/Short code/).fill(code);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.locator('.gate').waitFor();
  return page.locator('.gate').innerText();
}

h.step('paper: a street’s sheet names who chose the street, and never the address', async ({ visit, look }) => {
  const me = await (await visit({ role: 'worker', width: 360 })).newPage();
  await me.goto('/me/travel');
  await me.getByLabel('Where you came from', { exact: true }).fill('浙江省杭州市');
  await me.getByLabel('Day of arrival').fill(new Date(Date.now() - 40 * 864e5).toISOString().slice(0, 10));
  await me.getByLabel('Where you live here').fill('听潮里 3 号 501 室');
  await me.getByLabel('Street you live in').selectOption('Wanghai Street');
  // One place is asked for, more where they are wanted, and nothing typed is lost.
  await me.getByLabel('Place', { exact: true }).fill('浙江省杭州市西湖区');
  await me.getByRole('button', { name: 'Add another place' }).click();
  await me.getByText('Place 2').waitFor();
  assert.equal(await me.getByLabel('Place', { exact: true }).count(), 2);
  assert.equal(await me.getByLabel('Place', { exact: true }).first().inputValue(), '浙江省杭州市西湖区');
  assert.equal(await me.getByLabel('Where you live here').inputValue(), '听潮里 3 号 501 室');
  await me.getByLabel('Place', { exact: true }).first().fill('');
  await me.getByRole('button', { name: 'Keep', exact: true }).click();
  await me.waitForURL('**/me/health');
  const page = await (await visit({ role: 'officer' })).newPage();
  await look(page, '/desk/paper', 'en');
  await page.getByLabel('People who lodge in a street').check();
  await page.getByLabel('Street', { exact: true }).selectOption('Tingchao Street');
  await page.getByRole('button', { name: 'Make the sheets' }).click();
  await page.locator('.summary', { hasText: 'Nobody would stand on these sheets' }).waitFor();
  await page.getByLabel('People who lodge in a street').check();
  await page.getByLabel('Street', { exact: true }).selectOption('Wanghai Street');
  await page.getByRole('button', { name: 'Make the sheets' }).click();
  await page.waitForURL('**/desk/paper/printed/**');
  const sheet = await page.locator('body').innerText();
  assert.match(sheet, /望海街道 Wanghai Street · 住宿人员 People who lodge here[\s\S]*\n1 \S\*/);
  assert.doesNotMatch(sheet, /听潮里/);
});

h.step('worker: one tap says nothing new, and the colour says why and until when', async ({ visit, look }) => {
  const { principal } = await h.program.token('worker');
  day.person = principal.scope.id;
  assert.match(day.person, /^per_/);
  const page = await (await visit({ role: 'worker', width: 360, js: false })).newPage();
  await page.goto('/me/code');
  day.short = (await page.locator('.aloud').innerText()).trim();
  await look(page, '/me/health', 'en');
  await page.getByRole('button', { name: 'Nothing new today' }).click();
  await page.getByText(/Reported today at/).waitFor();
  assert.match(await page.locator('main').innerText(), /Green[\s\S]*Clean days in a row\s*\d+ days?/);

  await page.getByText('Correct today’s report').or(page.getByText("Correct today's report")).click();
  await page.getByLabel('Temperature').fill('38.4');
  await page.getByLabel('Fever').check();
  await page.getByRole('button', { name: 'Report', exact: true }).click();
  await page.getByText(/Reported today at/).waitFor();
  const said = await page.locator('main').innerText();
  assert.match(said, /Yellow[\s\S]*You reported fever or symptoms/);
  assert.match(said, /Day 0 of 7[\s\S]*since fever or symptoms were reported on \d{1,2} \w+ \d{4}[\s\S]*The 7 days are complete on \d{1,2} \w+ \d{4}/);
  const guard = await (await visit({ role: 'guard', width: 360, js: false })).newPage();
  assert.match(await check(guard, day.short), /Stop|Ask/);

  await page.getByText(/Correct today.s report/).click();
  await page.getByLabel('Temperature').fill('');
  await page.getByLabel('Fever').uncheck();
  await page.getByRole('button', { name: 'Report', exact: true }).click();
  await page.getByText('Green', { exact: true }).first().waitFor();
});

h.step('resident lets the worker help with a code read aloud; the worker reports for them', async ({ visit }) => {
  const old = await (await visit({ role: 'resident', width: 360, js: false })).newPage();
  await old.goto('/me/helping');
  await old.getByRole('button', { name: 'Make a code for a helper' }).click();
  const code = (await old.locator('.aloud').innerText()).trim();
  const page = await (await visit({ role: 'worker', width: 360, js: false })).newPage();
  await page.goto('/me/helping');
  await page.getByText('Report for one more person').click();
  await page.getByLabel('Their code').fill(code.toLowerCase().replace('-', ' '));
  await page.getByRole('button', { name: 'Report for them' }).click();
  await page.getByText(/From now on you report for/).waitFor();
  await page.getByRole('button', { name: /Nothing new today for/ }).click();
  await page.getByText(/Reported for/).waitFor();
  await old.goto('/me/health');
  assert.match(await old.locator('main').innerText(), /Reported today at[\s\S]*\S\*/, 'with the helper’s name, masked');

  await page.getByRole('link', { name: /came from/ }).click();
  await page.getByLabel('Where you came from').fill('河南省郑州市');
  await page.getByLabel('Day of arrival').fill(new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10));
  await page.getByLabel('Where you live here').fill('东园 3 号宿舍');
  await page.getByRole('button', { name: 'Keep' }).click();
  await page.getByText(/Kept for/).waitFor();
  await old.goto('/me/travel');
  assert.match(await old.locator('main').innerText(), /by \S*\*[\s\S]*, your helper/, 'by whom it was said');
  await old.getByRole('button', { name: 'Take it back' }).click();
  await old.getByText('Taken back.').waitFor();
  await page.getByRole('link', { name: /came from/ }).click();
  await page.getByText(/their own word, and stands/).waitFor();
});

h.step('two officers hold a code: the same one twice is refused, the other confirms', async ({ visit }) => {
  const desk = await (await visit({ role: 'officer', js: false })).newPage();
  await desk.goto(`/desk/people/${day.person}/restrict`);
  await desk.getByLabel('Close contact of a confirmed case').check();
  await desk.getByLabel('Days').fill('3');
  await desk.getByLabel('What shows it').fill('Letter 2020-117 of the disease-control centre.');
  await desk.getByRole('button', { name: 'Ask for confirmation' }).click();
  await desk.waitForURL('**/desk/second/act_*');
  const act = new URL(desk.url()).pathname;
  await desk.getByText('You asked for this').waitFor();
  assert.equal(await desk.getByRole('button', { name: 'Confirm' }).count(), 0);
  const { token } = await h.program.token('officer');
  const alone = await h.program.api('POST', `/api/v1/restrictions/${act.split('/').pop()}/confirm`, { token, body: {} });
  assert.equal(alone.status, 403, alone.text);
  assert.match(alone.text, /same_person/);

  const second = await (await visit({ role: 'second_officer', js: false })).newPage();
  await second.goto(act);
  await second.getByRole('button', { name: 'Confirm' }).click();
  await second.getByText('Confirmed and done.').waitFor();
});

h.step('the gate refuses and keeps the reason to itself; the person reads all of it, and who looked', async ({ visit, look }) => {
  const guard = await (await visit({ role: 'guard', width: 360, js: false })).newPage();
  const answer = await check(guard, day.short);
  assert.match(answer, /Stop|Ask/);
  assert.doesNotMatch(answer, /contact|case|restrict/i, 'no health fact at the gate');

  const desk = await (await visit({ role: 'officer', js: false })).newPage();
  await desk.goto(`/desk/people/${day.person}/health`);
  await desk.getByLabel(/Why|reason/i).first().fill('The person called about the restriction.');
  await desk.getByRole('button', { name: 'Record and show' }).click();
  await desk.getByText('This look was recorded').waitFor();
  assert.match(await desk.locator('main').innerText(), /Red[\s\S]*Day 0 of 3/);

  const me = await (await visit({ role: 'worker', width: 360, js: false })).newPage();
  await look(me, '/me/health', 'en');
  const said = await me.locator('main').innerText();
  assert.match(said, /Red[\s\S]*Close contact of a confirmed case[\s\S]*Day 0 of 3[\s\S]*Ends by itself on/);
  assert.match(said, /Letter 2020-117 of the disease-control centre\./);
  await me.goto('/me/code');
  assert.match(await me.locator('.big').innerText(), /Stop/);
  await me.goto('/me/seen');
  assert.match(await me.locator('main').innerText(), /The person called about the restriction\./);
});

h.step('a helper appeals for whoever cannot, without reading why; the person puts their own words in its place', async ({ visit, look }) => {
  const { principal } = await h.program.token('resident');
  for (const [role, path] of [['officer', `/desk/people/${principal.scope.id}/restrict`], ['second_officer', '/desk/second']]) {
    const desk = await (await visit({ role, js: false })).newPage();
    await desk.goto(path);
    if (role === 'officer') {
      await desk.getByLabel('Close contact of a confirmed case').check();
      await desk.getByLabel('Days').fill('2');
      await desk.getByLabel('What shows it').fill('Letter 2020-118 of the disease-control centre.');
      await desk.getByRole('button', { name: 'Ask for confirmation' }).click();
      await desk.waitForURL('**/desk/second/act_*');
      day.act = new URL(desk.url()).pathname;
    } else {
      await desk.goto(day.act);
      await desk.getByRole('button', { name: 'Confirm' }).click();
      await desk.getByText('Confirmed and done.').waitFor();
    }
  }
  const page = await (await visit({ role: 'worker', width: 360, js: false })).newPage();
  await page.goto('/me/helping');
  await page.getByRole('link', { name: /Is this wrong\? Appeal for/ }).click();
  await look(page, new URL(page.url()).pathname, 'en');
  assert.doesNotMatch(await page.locator('main').innerText(), /Letter 2020-118|Close contact/, 'the reason stays the person’s');
  await page.getByLabel('What is wrong').fill('She was at home that day, the community has it on its list.');
  await page.getByRole('button', { name: 'Appeal in their name' }).click();
  await page.getByText(/has been received/).waitFor();
  await page.locator('input[type=file]').setInputFiles({ name: 'list.png', mimeType: 'image/png', buffer: await page.screenshot() });
  await page.getByRole('button', { name: 'Add the photo' }).click();
  await page.locator('img.thumb').waitFor();
  await look(page, new URL(page.url()).pathname, 'en');

  const old = await (await visit({ role: 'resident', width: 360, js: false, lang: 'zh-Hans' })).newPage();
  await old.goto('/me/seen');
  assert.match(await old.locator('main').innerText(), /代我提出的申诉[\s\S]*She was at home that day/);
  await look(old, '/me/health', 'zh-Hans');
  const due = /复核期限\s*(\d+年.+)/;
  const read = await old.locator('main').innerText();
  assert.match(read, /She was at home that day[\s\S]*代申诉人\s*\S*\*/);
  await old.getByLabel('哪里有误').fill('当天我在家，社区有登记，邻居可以证明。');
  await old.getByRole('button', { name: '提交申诉' }).click();
  await old.getByText('申诉已收到').waitFor();
  const after = await old.locator('main').innerText();
  assert.match(after, /邻居可以证明/);
  assert.doesNotMatch(after, /代申诉人|She was at home/);
  assert.equal(after.match(due)[1], read.match(due)[1], 'the clock stands');
  assert.equal(await old.locator('img.thumb').count(), 1, 'and so does the evidence');
});

h.step('paper: printed on one page each, typed in, and “not reported” becomes “reported”', async ({ visit, look }) => {
  const page = await (await visit({ role: 'officer' })).newPage();
  await page.goto('/desk/resumption?state=certified');
  const firm = await page.locator('#firms a[href^="/desk/resumption/fir_"]').first().getAttribute('href');
  const left = async () => {
    await page.goto(`${firm}/reports`);
    const text = (await page.locator('.card').first().innerText()).match(/([\d,]+) of ([\d,]+)/);
    return Number(text[1].replaceAll(',', ''));
  };
  const before = await left();
  await page.getByRole('link', { name: 'Print sheets for those without a phone' }).click();
  await page.getByLabel('Days', { exact: true }).fill('1');
  await page.getByRole('button', { name: 'Make the sheets' }).click();
  await page.waitForURL('**/desk/paper/printed/**');
  const sheets = await page.locator('.sheet-code').allInnerTexts();
  const pdf = (await page.pdf({ format: 'A4', preferCSSPageSize: true })).toString('latin1');
  assert.equal((pdf.match(/\/Type\s*\/Page\b/g) ?? []).length, sheets.length, 'each sheet fits its page');

  await look(page, '/desk/paper', 'en');
  await page.getByLabel('Sheet number').fill(sheets[0].trim().toLowerCase());
  await page.getByRole('button', { name: 'Open the sheet' }).click();
  await page.waitForURL(`**/desk/paper/${sheets[0].trim()}`);
  await page.keyboard.type('0'); // the first row waits for the first figure
  await page.keyboard.press('Tab');
  await page.keyboard.type('36.6');
  await page.keyboard.press('Tab');
  await page.keyboard.type('01'); // well and fever at once: somebody has to ask
  await page.keyboard.press('Enter');
  await page.getByText('1 kept, 0 as before, 0 reported by the person, 1 to mend').waitFor();
  assert.equal(await page.locator('input.keyed.bad[name=marks]').inputValue(), '01', 'what was typed is kept');
  await page.locator('input.keyed.bad[name=marks]').fill('12');
  await page.getByRole('button', { name: 'Save the rows' }).click();
  await page.getByText('1 kept, 0 as before, 0 reported by the person, 0 to mend').waitFor();
  assert.equal(await left(), before + 2);
});
