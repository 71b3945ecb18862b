// The program under test: the real binary with a fresh demo district, on a free
// port, stopped when the story ends. Nothing here knows what a page looks like.

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const binary = process.env.BREAKWATER_BIN ?? path.join(root, 'bin/breakwater');

/** Why the program cannot be started here, or '' when it can. */
export function programMissing() {
  if (process.env.BREAKWATER_URL || existsSync(binary)) return '';
  return `no ${path.relative(root, binary)}: make build`;
}

/** A district with an identity provider of its own that is away: its door stands on the
 * page for signing in, and what it answers is a page too. */
export const provided = ['--oidc-issuer', 'http://127.0.0.1:1', '--oidc-client-id', 'breakwater', '--oidc-name', 'Haiwan ID 海湾统一身份认证'];

/**
 * Starts `breakwater demo` on an own data folder and waits for the line that
 * says where it listens. BREAKWATER_URL names a server that already runs.
 *
 * @param {{people?: number, args?: string[], env?: object, wait?: number}} [how]
 *   people in the district; wait in ms until it must listen (seeding included)
 */
export async function startProgram({ people = 400, args = [], env = {}, wait = 120_000 } = {}) {
  if (process.env.BREAKWATER_URL) return running(process.env.BREAKWATER_URL, async () => {});
  const data = await mkdtemp(path.join(tmpdir(), 'breakwater-e2e-'));
  const child = spawn(binary, ['demo', '--addr', '127.0.0.1:0', '--people', String(people), '--data', data, ...args], {
    cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
    child.on('error', (e) => resolve(e.message));
  });
  let said = '';
  const url = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`breakwater demo: ${why}\n${said.slice(-4000)}`));
    const late = setTimeout(() => fail(`not listening after ${wait} ms`), wait);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
        const at = /listening on (https?:\/\/[^\s"]+)/.exec(said);
        if (at) { clearTimeout(late); resolve(at[1].replace(/\/$/, '')); }
      });
    }
    ended.then((how) => { clearTimeout(late); fail(`ended by itself: ${how}`); });
  }).catch(async (e) => {
    child.kill('SIGKILL');
    await rm(data, { recursive: true, force: true });
    throw e;
  });
  return running(url, async (signal = 'SIGTERM') => {
    child.kill(signal);
    // A program that does not end by itself within 10 s is a fault worth seeing.
    const how = await Promise.race([ended, new Promise((r) => setTimeout(r, 10_000, 'late').unref())]);
    if (how === 'late') child.kill('SIGKILL');
    await rm(data, { recursive: true, force: true });
    if (how === 'late') throw new Error(`breakwater did not end after ${signal}\n${said.slice(-4000)}`);
  }, () => said, data);
}

function running(url, stop, said = () => '', data = process.env.BREAKWATER_DATA) {
  return {
    url, stop, /** all it printed so far */ said,
    /** A command of the binary on the same data folder: {code, out}, never thrown. */
    command(...args) {
      const env = { ...process.env, ...(data ? { BREAKWATER_DATA: data } : {}) };
      return new Promise((resolve) => { execFile(binary, args, { env }, (e, out, err) => resolve({ code: e ? (e.code ?? 1) : 0, out, err })); });
    },
    /** A bearer token of a demo role, as a program would get one. */
    async token(role) {
      const r = await fetch(`${url}/demo/sign-in`, {
        method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json', origin: url },
        body: JSON.stringify({ role }),
      });
      if (!r.ok) throw new Error(`sign-in as ${role}: ${r.status} ${await r.text()}`);
      return r.json();
    },
    /** One call of the API by bearer token; body is sent as JSON. */
    async api(method, where, { token, body, key } = {}) {
      const headers = { accept: 'application/json' };
      if (token) headers.authorization = `Bearer ${token}`;
      if (body !== undefined) headers['content-type'] = 'application/json';
      if (method !== 'GET') headers['idempotency-key'] = key ?? crypto.randomUUID();
      const r = await fetch(url + where, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
      const text = await r.text();
      let json;
      try { json = JSON.parse(text); } catch { json = undefined; }
      return { status: r.status, headers: r.headers, text, json };
    },
  };
}
