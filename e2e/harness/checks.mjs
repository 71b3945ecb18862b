// What every page must pass. Each check returns a list of offences as lines a
// person can act on; an empty list is a pass.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { scriptless } from './browser.mjs';
import { root } from './program.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Accessibility by axe-core. It runs in a world of its own beside the page, so
 * the page keeps its strict Content-Security-Policy while it is looked at.
 */
export async function axe(page) {
  const cdp = await page.context().newCDPSession(page);
  try {
    const { frameTree } = await cdp.send('Page.getFrameTree');
    const { executionContextId: contextId } = await cdp.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
    const run = async (expression) => {
      const { result, exceptionDetails: e } = await cdp.send('Runtime.evaluate', { expression, contextId, awaitPromise: true, returnByValue: true });
      if (e) throw new Error(`axe: ${e.exception?.description ?? e.text}`);
      return result.value;
    };
    await run(`${axeSource};0`);
    const found = await run(`axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.flatMap((v) =>
      v.nodes.map((n) => 'axe ' + v.id + ': ' + n.target.join(' ') + ': ' + (n.any[0] ?? n.all[0] ?? n.none[0] ?? v).message)))`);
    return found;
  } finally {
    await cdp.detach();
  }
}

/** Nothing scrolls sideways: the page is as wide as the window, and if not, what sticks out is named. */
export function sideways(page) {
  return page.evaluate(() => {
    const doc = document.scrollingElement, wide = doc.clientWidth;
    if (doc.scrollWidth <= wide + 1) return [];
    const scrolls = (e) => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
    const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > wide + 1 && !scrolls(e));
    const name = (e) => e.localName + (e.id ? `#${e.id}` : '') + [...e.classList].map((c) => `.${c}`).join('');
    return [`sideways: ${doc.scrollWidth} px in ${wide}: ${out.slice(-3).map(name).join(', ') || 'unknown'}`];
  });
}

/** Nothing hangs over the edge of its card or its line, which a page may have without being wider itself. */
export function overhang(page) {
  return page.evaluate(() => {
    const name = (e) => e.localName + [...e.classList].map((c) => `.${c}`).join('');
    const out = [];
    for (const card of document.querySelectorAll('.card, .pass, .tile, .why, .list > li')) {
      const edge = card.getBoundingClientRect().right;
      const apart = (e) => { // taken out of the flow, or cut off where it ends
        for (let p = e; p && p !== card; p = p.parentElement) {
          const s = getComputedStyle(p);
          if (s.position === 'absolute' || s.position === 'fixed' || p !== e && s.overflowX !== 'visible') return true;
        }
        return false;
      };
      const over = [...card.querySelectorAll('*')].find((e) => e.checkVisibility() && e.getBoundingClientRect().right > edge + 1 && !e.closest('svg') && !apart(e));
      if (over) out.push(`over the edge: ${name(over)} "${over.textContent.trim().slice(0, 30)}" by ${Math.round(over.getBoundingClientRect().right - edge)} px in ${name(card)}`);
    }
    return [...new Set(out)];
  });
}

const texts = path.join(root, 'internal/i18n/text');

/** The message keys of the catalogs, and the areas they begin with. */
export function keys() {
  let names = [];
  try { names = readdirSync(texts).filter((n) => n.endsWith('.en.toml')); } catch { /* none yet */ }
  const all = names.flatMap((n) => [...readFileSync(path.join(texts, n), 'utf8').matchAll(/^"([^"]+)"\s*=/gm)].map((m) => m[1]));
  return { all, areas: [...new Set([...names.map((n) => n.split('.')[0]), ...all.map((k) => k.split('.')[0])])] };
}

/**
 * No text is missing: no message key stands where its message should (in the
 * text or in a label, title, placeholder or description), no placeholder was
 * left unfilled, and nothing that only a program says.
 */
export function missingText(page, { all, areas } = keys()) {
  return page.evaluate(([all, areas]) => {
    const known = new Set(all);
    const key = new RegExp(`(?<![\\w./@-])(?:${areas.join('|') || '\\b\\B'})(?:\\.[a-z0-9_]+)+(?![\\w/@-])`, 'g');
    const files = /\.(xlsx?|csv|json|pdf|txt|toml|png|svg|html?|md|zip|db|com|org|cn|cbor)$/;
    const out = [];
    const look = (text, where) => {
      for (const k of text.match(key) ?? []) if (known.has(k) || !files.test(k)) out.push(`missing text: ${k} in ${where}`);
      for (const m of text.match(/\{[a-z_]{1,20}\}|%!\w?\(|<no value>|\bundefined\b|\[object \w+\]|\bNaN\b/g) ?? []) out.push(`missing text: ${m} in ${where}`);
    };
    look(document.title, 'title');
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let n = walk.currentNode; n; n = walk.nextNode()) {
      const e = n.nodeType === Node.TEXT_NODE ? n.parentElement : n;
      if (!e || ['script', 'style', 'code', 'pre', 'template'].some((t) => e.closest(t))) continue;
      if (n !== e) look(n.data, e.localName);
      else for (const a of ['aria-label', 'aria-description', 'title', 'placeholder', 'alt', 'content']) if (e.hasAttribute(a)) look(e.getAttribute(a), `${e.localName}[${a}]`);
    }
    return [...new Set(out)];
  }, [all, areas]);
}

/** The language of the page is the one asked for. */
export async function language(page, lang) {
  const said = await page.locator('html').getAttribute('lang');
  return said === lang ? [] : [`language: <html lang="${said}">, asked for ${lang}`];
}

/** Listens to what a page complains about from now on: script errors, refused content, failed answers. */
export function complaints(page) {
  const out = [];
  page.on('pageerror', (e) => out.push(`script error: ${e.message}`));
  page.on('console', (m) => { if (m.type() === 'error') out.push(`console: ${m.text()}`); });
  page.on('response', (r) => { if (r.status() >= 500) out.push(`${r.status()} ${r.url()}`); });
  return out;
}

/** What was heard, but for answers that the console calls errors: a refused form, a page that is not there. */
export const unforeseen = (heard) => heard.filter((line) => !/the server responded with a status of 4\d\d/.test(line));

/**
 * Every check of a page that is open; heard is what complaints() collected.
 * Without scripts axe cannot look (it waits on timers, and those stand still):
 * the same page is looked at with them.
 */
export async function inspect(page, { lang, heard = [] } = {}) {
  return [...(lang ? await language(page, lang) : []), ...await sideways(page), ...await overhang(page), ...await missingText(page),
    ...(scriptless.has(page.context()) ? [] : await axe(page)), ...heard];
}
