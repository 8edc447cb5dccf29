/** `CHAOS=long` plays the whole; otherwise a small part, in seconds. */
export const isLong = process.env.CHAOS === 'long';

/** `SEED=n` makes other choices. Processes and networks keep their own time, so no two runs are quite the same. */
export const seed = Number(process.env.SEED ?? 1);

/** Shown in the long version, and when a seed was asked for: else nothing is said unless something breaks. */
export function show(table: string): void {
  if (isLong || process.env.SEED) process.stdout.write(`\n${table}\n`);
}

/** Rows of a table, with the numbers in a column of their own. */
export function rows(entries: readonly (readonly [label: string, value: number | string])[]): string[] {
  return entries.map(([label, value]) => `  ${String(value).padStart(9)}  ${label}`);
}
