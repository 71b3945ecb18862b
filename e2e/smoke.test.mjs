// The shortest story: the program starts, its front door opens in both languages,
// on a phone, without scripts, and every demo role gets in.

import assert from 'node:assert/strict';
import { signIn } from './harness/browser.mjs';
import { house } from './harness/story.mjs';

const h = house({ people: 400 });
const { step } = h;

for (const [lang, width] of [['en', 360], ['zh-Hans', 1440]]) {
  step(`the front door in ${lang} at ${width} px`, async ({ visit, look }) => {
    const page = await (await visit({ lang, width })).newPage();
    const answer = await look(page, '/', lang);
    const policy = answer.headers()['content-security-policy'] ?? '';
    assert.match(policy, /default-src/);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*/);
    assert.ok(await page.locator('h1').first().isVisible());
  });
}

step('the front door says the same without scripts', async ({ visit }) => {
  const said = [];
  for (const js of [true, false]) {
    const page = await (await visit({ js })).newPage();
    await page.goto('/');
    said.push(await page.locator('h1').allInnerTexts());
  }
  assert.ok(said[0].length > 0);
  assert.deepEqual(said[0], said[1]);
});

step('every demo role gets in, by form and by API', async ({ visit }) => {
  for (const role of ['worker', 'firm', 'guard', 'officer', 'auditor', 'commander']) {
    await signIn(await visit({}), h.url, role);
    const { token, principal } = await h.program.token(role);
    assert.equal(principal.role, role);
    assert.ok(token.length > 20 && principal.id && principal.scope, `what ${role} was told: ${Object.keys(principal)}`);
  }
});

step('the probes answer', async () => {
  for (const path of ['/healthz', '/readyz']) assert.equal((await h.program.api('GET', path)).status, 200, path);
});
