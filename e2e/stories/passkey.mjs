// A passkey in a virtual security key: an officer adds one and comes back with it,
// without a password. Browsers keep passkeys for names only, so it goes by localhost.

import assert from 'node:assert/strict';

export function passkey(h) {
  h.step('officer: adds a passkey, and signs in with nothing else', async ({ visit }) => {
    const home = h.url.replace('127.0.0.1', 'localhost');
    const context = await visit({ options: { baseURL: home } });
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });

    await page.goto('/demo');
    await page.getByRole('button', { name: 'Be the officer' }).click();
    await page.goto('/me');
    await page.getByLabel('What will you know it by?').fill('blue key');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('The passkey is kept.').waitFor();
    assert.match(await page.locator('#passkeys').innerText(), /blue key[\s\S]*not used yet/);
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    assert.equal(credentials.length, 1);
    assert.equal(credentials[0].isResidentCredential, true);

    await page.locator('#sessions').getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.waitForURL(/\/sign-in/);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(/\/desk\/resumption/);
    await page.goto('/me');
    assert.match(await page.locator('#passkeys').innerText(), /last used/);

    // Removed here, it opens nothing, though the key still has it.
    await page.getByRole('button', { name: 'Remove the passkey blue key' }).click();
    await page.getByText('The passkey is removed').waitFor();
    await page.locator('#sessions').getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('This passkey does not open an account here').first().waitFor();
  });

  h.step('without scripts there is the password, and the page says what a passkey needs', async ({ visit }) => {
    const page = await (await visit({ js: false, role: 'officer' })).newPage();
    await page.goto('/sign-in');
    assert.equal(await page.getByRole('button', { name: 'Sign in with a passkey' }).count(), 0);
    await page.goto('/me');
    assert.match(await page.locator('#passkeys').innerText(), /a site with a name/);
  });

  h.step('resident: a code to the phone opens the own account', async ({ visit }) => {
    const phone = await (await visit({ width: 360, js: false })).newPage();
    await phone.goto('/sign-in/phone');
    await phone.getByLabel('Mobile number').fill('199 1000 0002');
    await phone.getByRole('button', { name: 'Send me a code' }).click();
    const other = await (await visit()).newPage();
    let said = '';
    for (let i = 0; i < 50 && !said.includes('19910000002'); i++) {
      await other.goto('/demo/sms');
      said = await other.locator('main').innerText();
    }
    const code = /19910000002\s+(\d{6}) is your code/.exec(said)?.[1];
    assert.ok(code, said);
    await phone.getByLabel('Code', { exact: true }).fill(code);
    await phone.getByRole('button', { name: 'Sign in', exact: true }).click();
    await phone.waitForURL(/\/me$/);
    assert.match(await phone.locator('main').innerText(), /Resident/);
  });
}
