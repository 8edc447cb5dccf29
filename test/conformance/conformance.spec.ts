import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cloud } from './cloud.js';
import { sandboxCloud } from './clouds/sandbox.js';
import { examine } from './examine.js';
import { TABLE } from './table.js';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await sandboxCloud();
});
const dump: unknown[] = [];
afterAll(async () => {
  if (process.env.DUMP) writeFileSync(process.env.DUMP, JSON.stringify(dump));
  await cloud.close();
});

for (const { title, sections } of TABLE)
  describe(title, () => {
    for (const { title, facts } of sections)
      describe(title, () => {
        for (const fact of facts)
          it(`${fact.id} ${fact.what}`, async () => {
            const begun = Date.now();
            const outcome = await examine(fact, cloud);
            dump.push({
              id: fact.id,
              call: fact.call,
              needs: [...cloud.taken],
              ops: cloud.exchanges.map((e) => e.operation ?? `${e.method} ${new URL(e.url, 'http://x').pathname}`),
              ms: Date.now() - begun,
              state: outcome.state,
            });
            expect(outcome.reason).toBeUndefined();
            expect([...cloud.taken].sort()).toEqual([...fact.needs].sort());
          });
      });
  });
