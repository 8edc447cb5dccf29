import * as z from 'zod';

/** What a control call sent is not what is expected; the message says what is. */
export class UnacceptableInput extends Error {}

/** A whole number from `least` on. */
export function count(least = 0, most = Number.MAX_SAFE_INTEGER) {
  const upTo = most === Number.MAX_SAFE_INTEGER ? 'or more' : `to ${most.toLocaleString('en')}`;
  const error = `must be a whole number, ${least} ${upTo}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

export function flag() {
  return z.boolean({ error: 'must be true or false' });
}

/** The input as the schema has it, or a refusal whose sentences name every mistake. */
export function accepted<T extends z.ZodObject>(schema: T, input: unknown): z.output<T> {
  const { data, error } = schema.safeParse(input);
  if (data) return data;
  const names = Object.keys(schema.shape).join(', ');
  const sentences = error?.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `There is no ${issue.keys.join(', ')}; there are ${names}.`;
    if (issue.path.length === 0 && issue.code === 'invalid_type') return `Send a JSON object with any of ${names}.`;
    return `${issue.path.join('.')} ${issue.message}.`.trim();
  });
  throw new UnacceptableInput(sentences?.join(' '));
}
