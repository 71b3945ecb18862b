// The browser: Debian's Chromium, never one that a package downloads.

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function found() {
  const wanted = process.env.CHROMIUM ? [process.env.CHROMIUM]
    : (process.env.PATH ?? '').split(':').flatMap((dir) => names.map((n) => path.join(dir, n)));
  return wanted.find((p) => { try { accessSync(p, constants.X_OK); return true; } catch { return false; } });
}

/** Why no browser can be had here, or '' when one can. */
export function browserMissing() {
  return found() ? '' : 'no Chromium on the PATH (Debian: make deps, as root; or CHROMIUM=/path/to/it)';
}

/** Starts Chromium, quiet: it must not call home, and root cannot have its sandbox. */
export function startBrowser() {
  return chromium.launch({
    executablePath: found(),
    chromiumSandbox: process.getuid?.() !== 0 && !process.env.CHROMIUM_NO_SANDBOX,
    args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--disable-dev-shm-usage', '--force-color-profile=srgb', '--font-render-hinting=none'],
  });
}

export const locales = { en: 'en-GB', 'zh-Hans': 'zh-CN' };
export const widths = [360, 1440];
export const themes = ['light', 'dark'];

/** The visitors whose pages run no scripts; see inspect in checks.mjs. */
export const scriptless = new WeakSet();

/**
 * A fresh visitor: own cookies, one language, one width, one theme.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url where the program listens
 * @param {{lang?: string, width?: number, theme?: string, js?: boolean, role?: string, options?: object}} [as]
 *   js: false for a browser without scripts; role signs in as that demo role
 */
export async function visitor(browser, url, { lang = 'en', width = 1440, theme = 'light', js = true, role, options = {} } = {}) {
  const context = await browser.newContext({
    baseURL: url, locale: locales[lang], timezoneId: 'Asia/Shanghai', colorScheme: theme, reducedMotion: 'reduce',
    viewport: { width, height: width < 600 ? 740 : 900 }, deviceScaleFactor: 1, hasTouch: width < 600, isMobile: width < 600,
    javaScriptEnabled: js, ...options,
  });
  context.setDefaultTimeout(20_000);
  if (!js) scriptless.add(context);
  if (role) await signIn(context, url, role);
  return context;
}

/** Signs a visitor in as a demo role: the form of /demo, posted as its page would. */
export async function signIn(context, url, role) {
  const r = await context.request.post(`${url}/demo/sign-in`, { form: { role }, headers: { origin: url, accept: 'text/html' }, maxRedirects: 0 });
  if (r.status() >= 400) throw new Error(`sign-in as ${role}: ${r.status()} ${await r.text()}`);
  if ((await context.cookies(url)).length === 0) throw new Error(`sign-in as ${role} left no cookie`);
}

/** Runs fn with the network gone, as in a lift or a cellar. */
export async function offline(context, fn) {
  await context.setOffline(true);
  try { return await fn(); } finally { await context.setOffline(false); }
}
