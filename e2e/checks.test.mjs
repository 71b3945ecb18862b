// The checks themselves, each against a page that must fail it: a check that
// finds nothing anywhere proves nothing.

import assert from 'node:assert/strict';
import { axe, complaints, inspect, missingText, sideways } from './harness/checks.mjs';
import { offline } from './harness/browser.mjs';
import { house } from './harness/story.mjs';

const strict = "default-src 'self'; script-src 'self'; style-src 'self'; require-trusted-types-for 'script'";
const frame = (body, head = '') => `<!doctype html><html lang="en"><head><title>A page</title>
  <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/icon.svg">${head}</head><body><main><h1>A page</h1>${body}</main></body></html>`;

const { step } = house({ program: false });

/** A visitor to whom every address answers with one made-up page under the strict policy. */
async function shown(visit, html, { css = '', ...as } = {}) {
  const context = await visit(as);
  await context.route('**/*', (route) => route.request().url().endsWith('.css')
    ? route.fulfill({ contentType: 'text/css', body: css })
    : route.fulfill({ contentType: 'text/html; charset=utf-8', headers: { 'content-security-policy': strict }, body: html }));
  const page = await context.newPage();
  const heard = complaints(page);
  await page.goto('/');
  return { context, page, heard };
}

step('a page in order passes every check, with and without scripts', async ({ visit }) => {
  for (const js of [true, false]) {
    const { page, heard } = await shown(visit, frame('<p>Nothing to see in roster.xlsx.</p>'), { js });
    assert.deepEqual(await inspect(page, { lang: 'en', heard }), []);
  }
});

step('axe finds what has no name, under the strict policy', async ({ visit }) => {
  const { page } = await shown(visit, frame('<img src="/a.png"><input>'));
  assert.deepEqual((await axe(page)).map((o) => o.split(':')[0]), ['axe image-alt', 'axe label']);
});

step('a table wider than a phone is named', async ({ visit }) => {
  const html = frame('<div class="wide">wide</div>', '<link rel="stylesheet" href="/a.css">');
  const { page } = await shown(visit, html, { width: 360, css: '.wide { width: 900px }' });
  const [said] = await sideways(page);
  assert.match(said, /sideways: 9\d\d px in 360: div\.wide/);
});

step('a key in place of its text is found, in labels too', async ({ visit }) => {
  const { page } = await shown(visit, frame('<p>party.name_missing</p><button aria-label="auth.denied">x</button><p>Hello {name}, roster.csv</p><code>party.x</code>'));
  assert.deepEqual(await missingText(page, { all: ['party.name_missing'], areas: ['party', 'auth', 'roster'] }), [
    'missing text: party.name_missing in p', 'missing text: auth.denied in button[aria-label]', 'missing text: {name} in p',
  ]);
});

step('what the policy refuses and the wrong language are heard', async ({ visit }) => {
  const { page, heard } = await shown(visit, frame('<script>document.title = 1</script>'));
  const said = await inspect(page, { lang: 'zh-Hans', heard });
  assert.match(said.join('\n'), /console: .*Content Security Policy/);
  assert.match(said.join('\n'), /language: <html lang="en">, asked for zh-Hans/);
});

step('offline is offline', async ({ visit }) => {
  const { context, page } = await shown(visit, frame(''));
  await context.unrouteAll();
  await assert.rejects(offline(context, () => page.goto('/')), /ERR_INTERNET_DISCONNECTED/);
});
