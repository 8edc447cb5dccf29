/** `FAULTS=long` plays everything; otherwise a small part, in seconds. */
export const isLong = process.env.FAULTS === 'long';

/** `npm run test:slow` plays about twice as much as `npm test` does. */
export const isSlow = process.env.SUITES === 'slow';

/** Which part of what is too much for one long run: `PART=1` … for the others. */
export const part = Number(process.env.PART ?? 0);

/** `SEED=n` plays one random history and prints it; 0 = all. */
export const onlySeed = Number(process.env.SEED ?? 0);

export function minutes(long: number): number {
  return (isLong ? long : 1) * 60_000;
}

/** Shown in the long version only: the short one is quiet unless something breaks. */
export function show(table: string): void {
  if (isLong) print(table);
}

export function print(text: string): void {
  process.stdout.write(`\n${text}\n`);
}
