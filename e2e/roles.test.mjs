// One district, one story per role, in the order of a first day: each step acts
// on what the steps before it left. What is shared is `day`.

import assert from 'node:assert/strict';
import { readersMissing } from './harness/read.mjs';
import { house } from './harness/story.mjs';
import { firm } from './stories/firm.mjs';
import { gate } from './stories/gate.mjs';
import { newcomer } from './stories/newcomer.mjs';
import { openly } from './stories/openly.mjs';
import { pair } from './stories/pair.mjs';
import { passkey } from './stories/passkey.mjs';
import { watchers } from './stories/watchers.mjs';
import { worker } from './stories/worker.mjs';

const h = house({ people: 400 });
const day = {};

h.step('codes can be read back here', async ({ t }) => {
  day.blind = readersMissing();
  if (day.blind && process.env.REQUIRE_BROWSER) assert.fail(day.blind);
  if (day.blind) t.skip(day.blind);
});
for (const story of [firm, worker, gate, newcomer, openly, watchers, pair, passkey]) story(h, day);
