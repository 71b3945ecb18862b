// Staff sign in by the district's own identity provider: a real one, in a real browser.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { browserMissing } from './harness/browser.mjs';
import { inspect } from './harness/checks.mjs';
import { programMissing } from './harness/program.mjs';
import { startProvider } from './harness/provider.mjs';
import { house } from './harness/story.mjs';

const away = process.env.BREAKWATER_URL || browserMissing() || programMissing();
const op = away ? {} : await startProvider();
if (!away) after(() => op.stop());
const h = house({
  args: ['--oidc-issuer', op.issuer ?? 'http://127.0.0.1:1', '--oidc-client-id', op.client ?? 'breakwater', '--oidc-name', 'Haiwan ID'],
  env: { BREAKWATER_OIDC_SECRET: op.secret ?? '' },
});

/** Says there who one is; the provider's page is its own and not ours to judge. */
async function there(page, name) {
  await page.waitForURL(`${op.issuer}/**`);
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(op.password);
  await page.getByRole('button', { name: 'Login' }).click();
  await page.waitForURL(`${h.url}/**`);
}

const clean = async (page, lang) => assert.deepEqual(await inspect(page, { lang }), [], page.url());

h.step('an officer links the account, and comes back with nothing else', async ({ visit }) => {
  await op.back(`${h.url}/sign-in/provider/back`);
  const page = await (await visit({ role: 'officer' })).newPage();
  await page.goto('/me');
  await page.getByRole('button', { name: 'Link to Haiwan ID' }).click();
  await page.getByText('Prove there who you are').first().waitFor();
  await clean(page, 'en');
  await page.getByRole('link', { name: 'Go on to Haiwan ID' }).click();
  await there(page, op.one);
  await page.getByText('This account is linked.').waitFor();
  assert.match(await page.locator('#provider').innerText(), /Haiwan ID[\s\S]*not used yet/);
  await clean(page, 'en');

  await page.locator('#sessions').getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.waitForURL(/\/sign-in/);
  await page.getByRole('link', { name: 'Sign in by Haiwan ID' }).click();
  await there(page, op.one);
  await page.waitForURL(/\/desk\//);
  await page.goto('/me');
  assert.match(await page.locator('#provider').innerText(), /last used/);
});

h.step('whoever signs out there is signed out here, and nobody by a forged word', async ({ visit }) => {
  const page = await (await visit({ width: 360, js: false })).newPage();
  await page.goto('/sign-in?next=/me');
  await page.getByRole('link', { name: 'Sign in by Haiwan ID' }).click();
  await there(page, op.one);
  await page.waitForURL('**/me');
  const send = (word) => fetch(`${h.url}/sign-in/provider/ended`, { method: 'POST', body: new URLSearchParams({ logout_token: word }) });
  const word = await op.left('id1', 'story-1');
  const [head, , mark] = word.split('.');
  const forged = Buffer.from(JSON.stringify({ iss: op.issuer, aud: op.client, sub: 'id1' })).toString('base64url');
  assert.equal((await send(`${head}.${forged}.${mark}`)).status, 400);
  await page.goto('/me');
  assert.equal(new URL(page.url()).pathname, '/me', 'a forged word ended the session');
  assert.equal((await send(word)).status, 200);
  await page.goto('/me');
  await page.waitForURL(/\/sign-in/);
});

h.step('不是本浏览器发起的结果不予采用，未关联的身份不会得到账号', async ({ visit }) => {
  const page = await (await visit({ lang: 'zh-Hans', width: 360 })).newPage();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: '用Haiwan ID登录' }).click();
  await page.waitForURL(`${op.issuer}/**`);
  const refused = await page.goto(`${h.url}/sign-in/provider/back?code=guessed&state=forged`);
  assert.equal(refused.status(), 403);
  await page.getByText('返回的结果不是由本浏览器发起的登录').first().waitFor();
  await clean(page, 'zh-Hans');

  await page.getByRole('link', { name: '用Haiwan ID登录' }).click();
  await there(page, op.other);
  await page.getByText('这里还没有与您关联的账号').first().waitFor();
  assert.match(await page.locator('main').innerText(), /id2/);
  await page.goto('/me');
  await page.waitForURL(/\/sign-in/);
});
