import { groups } from './plan.js';

/**
 * Plays the suites of one group in one file: loading Nest, Apollo and the SDK takes longer than most suites do, and Jest
 * loads them anew for each file.
 */
export async function play(number: number): Promise<void> {
  for (const path of groups[number - 1]?.suites ?? []) await import(`../../${path}`);
}
