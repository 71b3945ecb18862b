// The district's identity provider for a story: a real one, which the Go tests use
// too, in a process of its own that ends with its input.

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { root } from './program.mjs';

const run = promisify(execFile);

/** Builds and starts the provider; Go must be at hand. */
export async function startProvider() {
  const dir = await mkdtemp(path.join(tmpdir(), 'breakwater-oidc-'));
  const file = path.join(dir, 'provider');
  await run('go', ['test', '-c', '-o', file, './internal/outside/oidc/oidctest'], { cwd: root, env: { ...process.env, CGO_ENABLED: '0' } });
  const child = spawn(file, ['-test.run', '^TestServe$'], { cwd: root, env: { ...process.env, OIDC_SERVE: '1' }, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  /** The next line that begins with this word, without it. */
  const hear = async (word) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the provider ended');
      if (value.startsWith(word)) return value.slice(word.length).trim();
    }
  };
  const [issuer, client, secret, password, one, other] = (await hear('serves')).split(' ');
  return {
    issuer, client, secret, password, one, other,
    /** Where browsers are sent back to. */
    async back(url) { child.stdin.write(`back ${url}\n`); await hear('done'); },
    /** The signed word that somebody left. */
    async left(subject, id) { child.stdin.write(`left ${subject} ${id}\n`); return hear('word'); },
    async stop() {
      const ended = new Promise((resolve) => { child.on('exit', resolve); });
      child.stdin.end();
      await ended;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
