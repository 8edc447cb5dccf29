import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { skipping } from '../support/moto.js';
import type { Cloud } from './cloud.js';
import { kindNamed } from './clouds/kinds.js';
import { motoVersion } from './clouds/moto.js';
import { examine, type Outcome, reasonAgainst } from './examine.js';
import { PINS, type Pins, pinned, readPins } from './pins.js';
import { Sanitiser } from './sanitised.js';
import { summaryOf } from './summary.js';
import { FACTS, type Fact, TABLE } from './table.js';

const {
  CLOUD = 'sandbox',
  CONFORMANCE_RECORD: record,
  CONFORMANCE_PIN: pin,
  CONFORMANCE_SUMMARY: summary,
} = process.env;
const kind = kindNamed(CLOUD);
const isMissing = skipping(`the conformance table on ${kind.name}`, kind.missing());
const pins: Pins = kind.name === 'moto' && !pin ? readPins() : { moto: '', answers: {} };

(isMissing ? describe.skip : describe)(`the conformance table on ${kind.name}`, () => {
  let cloud: Cloud;
  const outcomes: Outcome[] = [];
  const transcript: string[] = [];
  if (kind.name === 'moto') jest.retryTimes(2); // one of its random ids in some twenty looks like a word, and is kept
  const sanitiser = new Sanitiser({ 'Turnpike-1': 'password', 'Another-one-2': 'password' });

  beforeAll(async () => {
    cloud = await kind.start();
    if (kind.name === 'moto' && !pin && pins.moto !== motoVersion())
      process.stdout.write(`The answers of moto were recorded with ${pins.moto}; here is ${motoVersion()}.\n`);
  }, 120_000);

  afterAll(async () => {
    const notRun = FACTS.flatMap((fact): Outcome[] => {
      const reason = reasonAgainst(fact, kind.lacks);
      return reason === null ? [] : [{ fact, state: 'not run', reason }];
    });
    if (summary) process.stdout.write(`\n${summaryOf(kind.name, [...outcomes, ...notRun])}`);
    if (record) writeFileSync(record, transcript.join(''));
    if (pin) writePins(outcomes);
    await cloud.close();
  }, 24 * 3600_000);

  for (const { title, sections } of TABLE)
    describe(title, () => {
      for (const { title, facts } of sections)
        describe(title, () => {
          for (const fact of facts) test(fact);
        });
    });

  function test(fact: Fact): void {
    const name = `${fact.id} ${fact.call}: ${fact.what} [${fact.basis}: ${fact.source}]`;
    const reason = reasonAgainst(fact, kind.lacks);
    if (reason !== null) {
      it.skip(`${name} (not run there: ${reason})`, () => {});
      return;
    }
    it(
      name,
      async () => {
        const outcome = await examine(fact, cloud);
        outcomes.push(outcome);
        if (record) transcript.push(line(outcome));
        if (!pin) judge(outcome);
      },
      kind.name === 'aws' ? 3600_000 : 30_000,
    );
  }

  function judge({ fact, state, answer, reason }: Outcome): void {
    if (kind.name === 'sandbox') expect([...cloud.taken].sort()).toEqual([...fact.needs].sort());
    if (Object.hasOwn(pins.answers, fact.id)) {
      if (state === 'passed') throw new Error(`moto is right about ${fact.id} now: ${HOW_TO_PIN}`);
      expect(JSON.parse(JSON.stringify(pinned(answer)))).toEqual(pins.answers[fact.id]);
      return;
    }
    const isKnown = fact.basis === 'recorded' || fact.basis === 'docs';
    if (state === 'differs' && (kind.name !== 'aws' || isKnown)) throw new Error(reason);
  }

  function line({ fact: { id, call, what, basis }, state }: Outcome): string {
    return `${JSON.stringify({ id, call, what, basis, state, exchanges: sanitiser.rewrite(cloud.exchanges) })}\n`;
  }
});

const HOW_TO_PIN = '`npm run conformance -- --cloud moto --pin` writes what it answers anew';

function writePins(outcomes: readonly Outcome[]): void {
  const differing = outcomes.filter(({ state }) => state === 'differs');
  const answers = Object.fromEntries(differing.map(({ fact, answer }) => [fact.id, pinned(answer)]));
  const pins: Pins = { moto: motoVersion(), answers };
  writeFileSync(PINS, `${JSON.stringify(pins, null, 1)}\n`);
}
