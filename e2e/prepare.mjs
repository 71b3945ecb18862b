// What a district must hold so that no page of pages.mjs stands empty: a claim
// that waits, a file with a bad cell, a person on two rosters, checks at a gate.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './harness/program.mjs';

const files = path.join(root, 'e2e/files');
export const newcomer = { credit_code: '91330282MA2AFAK30U', name: '石舫试航有限公司' };

/** Fills the district through its API, as six programs of six roles would. */
export async function prepare(program) {
  const token = {}, who = {};
  for (const role of ['firm', 'officer', 'worker', 'guard']) ({ token: token[role], principal: who[role] } = await program.token(role));
  const call = async (role, method, where, body) => {
    const r = await program.api(method, `/api/v1${where}`, { token: token[role], body });
    if (r.status >= 400) throw new Error(`${method} ${where}: ${r.status} ${r.text}`);
    return r.json;
  };
  const upload = async (role, firm, name) => {
    const r = await fetch(`${program.url}/api/v1/firms/${firm}/imports?name=${name}`, {
      method: 'POST', body: await readFile(path.join(files, name)),
      headers: { authorization: `Bearer ${token[role]}`, 'idempotency-key': crypto.randomUUID(), 'content-type': 'application/octet-stream' },
    });
    if (!r.ok) throw new Error(`upload ${name}: ${r.status} ${await r.text()}`);
    for (let im = await r.json(); im.state === 'running';) im = await call(role, 'GET', `/imports/${im.id}`);
  };

  await upload('firm', who.firm.scope.id, 'roster-libreoffice.xlsx');
  const firm = await call('officer', 'POST', '/firms', newcomer);
  await upload('officer', newcomer.credit_code, 'roster-gb18030.csv');
  const { reviews } = await call('officer', 'GET', `/firms/${firm.id ?? newcomer.credit_code}/reviews`);
  for (const v of reviews) await call('officer', 'POST', `/reviews/${v.id}/ask`, { note: 'Works here since Monday.' });

  const { short_code: code } = await call('worker', 'GET', '/me/code');
  for (const [text, direction] of [[code, 'in'], ['K7M2-9QXD', 'in'], [code, 'in']]) await call('guard', 'POST', '/gate/checks', { gate: who.guard.scope.id, short_code: text, direction });

  const claim = { ...newcomer, firm_name: newcomer.name, park: 'none', contact: '林经理', phone: '0574-88880001', password: 'three waves one wall', step: 'send' };
  const r = await fetch(`${program.url}/claim`, { method: 'POST', redirect: 'manual', headers: { origin: program.url, accept: 'text/html' }, body: new URLSearchParams({ ...claim, key: crypto.randomUUID() }) });
  if (r.status !== 303) throw new Error(`claim: ${r.status}`);
}
