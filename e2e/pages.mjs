// Every page a person can meet, as data: `make shots` takes each at both widths,
// in both themes and both languages, as the role that uses it, and the sweep in
// pages.sweep.mjs holds each to every check. A new page is one line here.
//
//   follow  opens the first link of that selector, for addresses that hold an id
//   then    goes on from there as a person would, to what only a form leads to
//   status  what the answer must be, where not 200

/**
 * @typedef {import('playwright-core').Page} Page
 * @type {{name: string, path: string, role?: string, follow?: string, then?: (page: Page) => Promise<unknown>, status?: number}[]}
 */
export const pages = [
  // In public
  { name: 'front', path: '/' },
  { name: 'demo', path: '/demo' },
  { name: 'sign-in', path: '/sign-in' },
  { name: 'sign-in-wrong', path: '/sign-in', then: (p) => typed(p, { login: 'nobody', password: 'not this one' }, 'form.stack button', '.summary') },
  { name: 'sign-in-provider', path: '/sign-in/provider/back', status: 403 },
  { name: 'sign-in-worker', path: '/sign-in/worker' },
  { name: 'sign-in-phone', path: '/sign-in/phone' },
  { name: 'sign-in-code', path: '/sign-in/code?challenge=cod_x' },
  { name: 'demo-sms', path: '/demo/sms' },
  { name: 'claim', path: '/claim' },
  { name: 'claim-check', path: '/claim', then: (p) => typed(p, { credit_code: '91330282MA2AFAK30U', firm_name: '石舫试航有限公司', park: 'none', contact: '林经理', phone: '0574-88880001' }, '[name=step]', '[name=password]') },
  { name: 'claim-wrong', path: '/claim', then: (p) => typed(p, { credit_code: '123' }, '[name=step]', '.summary') },
  { name: 'open', path: '/open' },
  { name: 'open-list', path: '/open/resumption' },
  { name: 'certificate-public', path: '/open/resumption', follow: 'a[href^="/c/"]' },
  { name: 'certificate-find', path: '/c' },
  { name: 'verify', path: '/verify' },
  { name: 'status', path: '/status' },
  { name: 'verify-bad', path: '/verify', then: (p) => typed(p, { text: 'BW1:NOT A CODE' }, 'form[action="/verify"] button', '.confirm') },
  { name: 'api', path: '/api' },
  { name: 'certificate-unknown', path: '/c/K7M2-9QXD', status: 404 },
  { name: 'not-found', path: '/nowhere', status: 404 },

  // A worker
  { name: 'worker-code', path: '/me/code', role: 'worker' },
  { name: 'worker-me', path: '/me', role: 'worker' },
  { name: 'worker-health', path: '/me/health', role: 'worker' },
  { name: 'travel', path: '/me/travel', role: 'worker' },
  { name: 'open-risk', path: '/open/risk' },
  { name: 'helping', path: '/me/helping', role: 'worker' },
  { name: 'worker-denied', path: '/firm', role: 'worker', status: 403 },

  // A resident on no roster
  { name: 'resident-me', path: '/me', role: 'resident' },
  { name: 'resident-seen', path: '/me/seen', role: 'resident' },
  { name: 'resident-data', path: '/me/data', role: 'resident' },
  { name: 'privacy', path: '/privacy' },
  { name: 'privacy-desk', path: '/desk/privacy', role: 'officer' },
  { name: 'resident-devices', path: '/me/devices', role: 'resident' },

  { name: 'supplies', path: '/supplies' },
  { name: 'supply', path: '/supplies/tidewater-masks', role: 'worker' },
  { name: 'supply-room', path: '/supplies/tidewater-children', role: 'officer' },
  { name: 'queue', path: '/supplies/tidewater-children/queue', role: 'worker' },
  { name: 'queue-code', path: '/queue' },
  { name: 'supply-draws', path: '/supplies/tidewater-n95' },
  { name: 'draw', path: '/supplies/tidewater-n95', follow: 'a[href*="/draws/"]' },
  { name: 'draw-check', path: '/draws/check' },
  { name: 'draw-check-wrong', path: '/draws/check', then: (p) => typed(p, { text: 'no draw' }, 'form[action="/draws/check"]:last-of-type button', '.why') },
  { name: 'supply-book', path: '/supplies/tidewater-masks', role: 'worker', follow: 'a[href*="/book/"]' },
  { name: 'supply-enter', path: '/supplies/tidewater-n95/enter', role: 'worker' },
  { name: 'supplies-mine', path: '/me/supplies', role: 'resident' },
  { name: 'supplies-voucher', path: '/firm/supplies', role: 'firm', follow: 'a[href*="/firm/supplies/off_"]' },
  { name: 'supplies-family', path: '/me/supplies/family', role: 'resident' },
  { name: 'firm-supplies', path: '/firm/supplies', role: 'firm' },
  { name: 'counter', path: '/counter', role: 'storekeeper' },
  { name: 'counter-send', path: '/counter/send', role: 'storekeeper' },
  { name: 'supply-book-brought', path: '/supplies/tidewater-brought', role: 'worker', follow: 'a[href*="/book/"]' },
  { name: 'stock', path: '/counter', role: 'storekeeper', follow: 'a[href^="/stock/"]' },

  { name: 'stock-open', path: '/open/stock' },
  { name: 'stock-open-none', path: '/open/stock?q=zzzz' },
  { name: 'supply-desk', path: '/desk/supplies', role: 'officer' },
  { name: 'supply-desk-campaign', path: '/desk/supplies/campaigns/tidewater-masks', role: 'officer' },
  { name: 'supply-desk-lots', path: '/desk/supplies/campaigns/tidewater-n95', role: 'officer' },
  { name: 'supply-desk-wrong', path: '/desk/supplies/campaigns/tidewater-masks', role: 'officer', then: async (p) => { await p.locator('details summary', { hasText: 'Add supply' }).or(p.locator('details summary', { hasText: '增加可供总量' })).first().click(); await typed(p, { reason: '' }, 'form[action$="/supply"] button', '.summary'); } },
  { name: 'supply-desk-lot', path: '/desk/supplies/campaigns/tidewater-masks', role: 'officer', follow: 'a[href*="/lots/"]' },
  { name: 'supply-desk-close', path: '/desk/supplies/campaigns/tidewater-masks/close', role: 'officer' },
  { name: 'supply-desk-book', path: '/desk/supplies/campaigns/tidewater-masks/book', role: 'officer' },
  { name: 'supply-desk-enter', path: '/desk/supplies/campaigns/tidewater-n95/book', role: 'officer' },
  { name: 'supply-desk-new', path: '/desk/supplies/new', role: 'officer' },
  { name: 'supply-desk-new-wrong', path: '/desk/supplies/new', role: 'officer', then: (p) => typed(p, { source: 'id = "A B"' }, 'button[value=check]', '.summary') },
  { name: 'supply-desk-points', path: '/desk/supplies/points', role: 'officer' },
  { name: 'supply-desk-point', path: '/desk/supplies/points', role: 'officer', follow: 'a[href^="/desk/supplies/points/poi_"]' },
  { name: 'supply-desk-auditor', path: '/desk/supplies', role: 'auditor' },
  { name: 'supply-ledger', path: '/desk/supplies/ledger', role: 'auditor', then: (p) => typed(p, {}, 'form[action="/desk/supplies/ledger"] button', '.why') },

  // A firm's office
  { name: 'firm', path: '/firm', role: 'firm' },
  { name: 'firm-file', path: '/firm/file', role: 'firm' },
  { name: 'firm-file-wrong', path: '/firm/file', role: 'firm', then: (p) => typed(p, { declared_headcount: 'many', signatory: '' }, '[name=act][value=check]', '.summary') },
  { name: 'firm-check', path: '/firm/file', role: 'firm', then: (p) => typed(p, {}, '[name=act][value=check]', '[name=act][value=change]') },
  { name: 'firm-roster', path: '/firm/roster', role: 'firm' },
  { name: 'firm-roster-left', path: '/firm/roster?left=1', role: 'firm' },
  { name: 'firm-import', path: '/firm/roster', role: 'firm', follow: 'a[href^="/firm/imports/"]' },
  { name: 'firm-roster-nobody', path: '/firm/roster?q=zzzz', role: 'firm' },
  { name: 'firm-person', path: '/firm/roster', role: 'firm', follow: 'a[href^="/firm/people/"]' },
  { name: 'firm-leave', path: '/firm/roster', role: 'firm', then: (p) => ticked(p, '[name=act][value=ask]', '.btn.danger') },
  { name: 'firm-codes', path: '/firm/roster', role: 'firm', then: (p) => ticked(p, '[formaction$="/codes"]', '.qr30') },
  { name: 'firm-reports', path: '/firm/reports', role: 'firm' },
  { name: 'firm-certificate', path: '/firm/certificate', role: 'firm' },
  { name: 'firm-me', path: '/me', role: 'firm' },

  // A guard
  { name: 'gate', path: '/gate', role: 'guard' },
  { name: 'gate-stop', path: '/gate', role: 'guard', then: (p) => typed(p, { text: 'K7M2-9QXD' }, '#gate-live form[action="/gate"] button', '.over') },
  { name: 'gate-count-wrong', path: '/gate', role: 'guard', then: async (p) => { await p.locator('details summary').last().click(); await typed(p, { number: 'x' }, 'form[action="/gate/count"] button', '.summary'); } },
  { name: 'guard-me', path: '/me', role: 'guard' },

  // An officer
  { name: 'desk', path: '/desk/resumption', role: 'officer' },
  { name: 'desk-none', path: '/desk/resumption?q=zzzz', role: 'officer' },
  { name: 'desk-case', path: '/desk/resumption', role: 'officer', follow: '#firms a[href^="/desk/resumption/"]' },
  { name: 'desk-case-certified', path: '/desk/resumption?state=certified', role: 'officer', follow: '#firms a[href^="/desk/resumption/"]' },
  { name: 'desk-decide', path: '/desk/resumption?state=returned', role: 'officer', follow: '#firms a[href^="/desk/resumption/"]',
    then: async (p) => { await p.locator('[name=state][value=certified]').check(); await typed(p, { reason: 'Seen on paper.' }, '[name=act][value=ask]', 'input[name=state][type=hidden]'); } },
  { name: 'desk-new', path: '/desk/resumption/new', role: 'officer' },
  { name: 'desk-file', path: '/desk/resumption', role: 'officer', follow: '#firms a[href^="/desk/resumption/"]', then: (p) => linked(p, 'a[href$="/file"]') },
  { name: 'desk-roster', path: '/desk/resumption?state=certified', role: 'officer', follow: '#firms a[href^="/desk/resumption/"]', then: (p) => linked(p, 'a[href$="/roster"]') },
  { name: 'desk-import', path: '/desk/resumption?q=91330282MA2AFAK30U', role: 'officer', follow: '#firms a[href^="/desk/resumption/"]', then: async (p) => { await linked(p, 'a[href$="/roster"]'); await linked(p, 'a[href*="/imports/"]'); } },
  { name: 'cases', path: '/desk/cases', role: 'officer' },
  { name: 'case', path: '/desk/cases', role: 'officer', follow: 'tbody a[href^="/desk/cases/"]' },
  { name: 'late', path: '/desk/late', role: 'officer' },
  { name: 'late-chief', path: '/desk/late', role: 'commander' },
  { name: 'calendar', path: '/desk/calendar', role: 'officer' },
  { name: 'calendar-wrong', path: '/desk/calendar', role: 'officer', then: (p) => typed(p, { text: 'kind,from,to,en,zh\nholiday,2027-02-30,,A,B' }, 'form[action="/desk/calendar"] button', '.summary') },
  { name: 'calendar-preview', path: '/desk/calendar', role: 'officer', then: (p) => typed(p, { text: 'kind,from,to,en,zh\nsource,,,,Notice 1\nholiday,2027-01-01,2027-01-03,New Year,元旦\nwork,2027-01-30,,,' }, 'form[action="/desk/calendar"] button', '[name=do][value=set]') },
  { name: 'policies', path: '/desk/policies', role: 'officer' },
  { name: 'policy', path: '/desk/policies', role: 'officer', follow: 'tbody a[href^="/desk/policies/"]' },
  { name: 'second', path: '/desk/second', role: 'second_officer' },
  { name: 'second-act', path: '/desk/second', role: 'second_officer', follow: 'tbody a[href^="/desk/second/"]' },
  { name: 'firm-appeal', path: '/firm/appeal', role: 'firm' },
  { name: 'desk-reviews', path: '/desk/reviews', role: 'officer' },
  { name: 'desk-claims', path: '/desk/claims', role: 'officer' },
  { name: 'desk-claim', path: '/desk/claims', role: 'officer', follow: 'a[href^="/desk/claims/"]' },
  { name: 'desk-places', path: '/desk/places', role: 'officer' },
  { name: 'desk-places-wrong', path: '/desk/places', role: 'officer', then: (p) => typed(p, {}, 'form[action="/desk/places"] button', '.summary') },
  { name: 'desk-health', path: '/desk/resumption?state=certified', role: 'officer', follow: '#firms a[href^="/desk/resumption/"]', then: async (p) => { await linked(p, 'a[href$="/roster"]'); await linked(p, 'a[href*="/people/"]'); await linked(p, 'a[href$="/health"]'); } },
  { name: 'paper', path: '/desk/paper', role: 'officer' },
  { name: 'paper-unknown', path: '/desk/paper/K7M2-9QXD', role: 'officer', status: 404 },
  { name: 'paper-printed', path: '/desk/resumption?state=certified', role: 'officer', then: printedSheets },
  { name: 'paper-typed', path: '/desk/resumption?state=certified', role: 'officer', then: typedSheet },
  { name: 'risk', path: '/desk/risk', role: 'officer' },
  { name: 'helped', path: '/desk/helping', role: 'officer' },
  { name: 'helped-new', path: '/desk/helping/new', role: 'officer' },
  { name: 'restrictions', path: '/desk/restrictions', role: 'officer' },
  { name: 'doubles', path: '/desk/doubles', role: 'officer' },
  { name: 'officer-me', path: '/me', role: 'officer' },

  // An auditor
  { name: 'log', path: '/log', role: 'auditor' },
  { name: 'log-fact', path: '/log', role: 'auditor', follow: 'tbody tr:last-child a[href^="/log/"]' },
  { name: 'log-consistent', path: '/log', role: 'auditor', then: async (p) => {
    const kept = await p.evaluate(async () => (await fetch('/log/checkpoint')).text());
    await typed(p, { older: kept }, 'form[action="/log/consistency"] button', '.confirm');
  } },
  { name: 'log-verified', path: '/log', role: 'auditor', then: (p) => typed(p, {}, 'form[action="/log/verify"] button', '.confirm') },
  { name: 'auditor-me', path: '/me', role: 'auditor' },

  // A commander
  { name: 'board', path: '/board', role: 'commander' },
  { name: 'board-filtered', path: '/board?class=priority&size=small', role: 'officer' },
  { name: 'board-firms', path: '/board/firms?as=closed', role: 'officer' },
  { name: 'board-firms-none', path: '/board/firms?as=warned&size=large&class=other', role: 'officer' },
  { name: 'wall', path: '/desk/wall', role: 'commander' },
];

/** Opens a page of the list and says how it was answered. */
export async function arrive(page, { path, follow, then }) {
  let answer = await page.goto(path);
  if (follow) answer = await page.goto(await page.locator(follow).first().getAttribute('href'));
  await then?.(page);
  return answer.status();
}

/** Fills fields by name, presses a button and waits for what must come then. */
export async function typed(page, fields, button, then) {
  for (const [name, text] of Object.entries(fields)) {
    const field = page.locator(`[name="${name}"]:not([type=hidden])`);
    await (await field.first().evaluate((e) => e.tagName === 'SELECT') ? field.selectOption(text) : field.fill(text));
  }
  await page.locator(button).first().click();
  await page.locator(then).first().waitFor({ state: 'attached' });
}

/** Prints the sheets for a day of the first listed firm of which a report is missing. */
async function printedSheets(page) {
  const firms = await page.locator('#firms a[href^="/desk/resumption/fir_"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  for (const firm of firms) {
    await page.goto(`${firm}/reports`);
    if (await page.locator('a[href^="/desk/paper?firm="]').count()) break;
  }
  await linked(page, 'a[href^="/desk/paper?firm="]');
  await typed(page, { days: '1' }, 'form[method=post][action="/desk/paper"] button.btn', '.sheet-code');
}

/** Opens the first of them and types a row that is wrong. */
async function typedSheet(page) {
  await printedSheets(page);
  await page.goto(`/desk/paper?number=${(await page.locator('.sheet-code').first().innerText()).trim()}`);
  await page.locator('[name=marks]').first().fill('01');
  await page.locator('form[action^="/desk/paper/"] button.btn').click();
  await page.locator('.why').waitFor();
}

/** Ticks the first three people of a roster and presses a button. */
async function ticked(page, button, then) {
  for (const n of [0, 1, 2]) await page.locator('input[name=people]').nth(n).check();
  await typed(page, {}, button, then);
}

/** Follows a link and waits for its page. */
async function linked(page, link) {
  await page.locator(link).first().click();
  await page.waitForLoadState();
}
