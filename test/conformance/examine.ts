import { expect } from '@jest/globals';
import type { Cloud } from './cloud.js';
import { NEEDS, type Need } from './row.js';
import type { Fact } from './table.js';

export interface Outcome {
  readonly fact: Fact;
  readonly state: 'passed' | 'differs' | 'not run';
  /** What the cloud answered, in the table's words. */
  readonly answer?: unknown;
  /** Why it was not run, or where the answer differs. */
  readonly reason?: string;
}

const PATIENCE_MILLISECONDS = { sandbox: 20_000, moto: 20_000, aws: 30 * 60_000 };

/** Why the row is not run on such a cloud; null = it is. */
export function reasonAgainst(fact: Fact, lacks: Partial<Record<Need, string>>): string | null {
  const lacking = fact.needs.find((need) => lacks[need] !== undefined);
  return lacking === undefined ? null : `it takes ${NEEDS[lacking]}, and ${lacks[lacking]}`;
}

/** Puts one row to the test. */
export async function examine(fact: Fact, cloud: Cloud): Promise<Outcome> {
  const reason = reasonAgainst(fact, cloud.options.lacks);
  if (reason !== null) return { fact, state: 'not run', reason };
  cloud.begin();
  const answer = cloud.plain(await answerOf(fact, cloud));
  try {
    expect(answer).toEqual(fact.expected);
    return { fact, state: 'passed', answer };
  } catch (error) {
    return { fact, state: 'differs', answer, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What a row throws is an answer too: not every emulator gets as far as the question. */
async function answerOf(fact: Fact, cloud: Cloud): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MILLISECONDS[cloud.options.name], { thrown: 'no answer in time' });
  });
  const answer = fact.run(cloud).catch((error: unknown) => ({ thrown: String(error) }));
  return Promise.race([answer, limit]).finally(() => clearTimeout(timer));
}
