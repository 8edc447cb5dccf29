import { ServiceFailure } from '../wire.js';

/** What a request breaks of the service's own model, which AWS finds before it looks at anything else. */
export interface Broken {
  readonly value: string;
  /** Where the value stands: members of the body are named after the input, members of the path are not. */
  readonly at: string;
  readonly constraint: string;
}

export const PATCH_OPS = ['add', 'remove', 'move', 'test', 'replace', 'copy'];

/** A value outside its enumeration; absent values are for others to judge. */
export function outsideEnum(value: string | undefined, at: string, allowed: readonly string[]): Broken[] {
  if (value === undefined || allowed.includes(value)) return [];
  return [{ value, at, constraint: `Member must satisfy enum value set: [${allowed.join(', ')}]` }];
}

/** The HTTP status of a response, where it stands in the path. */
export function badStatusCode(value: string | undefined, at = 'statusCode'): Broken[] {
  if (value === undefined || /^[1-5]\d\d$/.test(value)) return [];
  return [{ value, at, constraint: 'Member must satisfy regular expression pattern: [1-5]\\d\\d' }];
}

export function refuseBroken(broken: readonly Broken[]): void {
  if (broken.length === 0) return;
  const count = broken.length === 1 ? '1 validation error' : `${broken.length} validation errors`;
  const sentences = broken.map(
    ({ value, at, constraint }) => `Value '${value}' at '${at}' failed to satisfy constraint: ${constraint}`,
  );
  throw new ServiceFailure('ValidationException', `${count} detected: ${sentences.join('; ')}`, 400);
}

/** Patch operations of a kind that does not exist, in any of the Update operations. */
export function badPatchOps(operation: string, input: object): Broken[] {
  const patches: unknown = 'patchOperations' in input ? input.patchOperations : undefined;
  if (!Array.isArray(patches)) return [];
  return patches.flatMap(({ op }: { op?: string }, index) =>
    outsideEnum(op, `${inputName(operation)}.patchOperations.${index + 1}.member.op`, PATCH_OPS),
  );
}

/** `UpdateRestApi` takes an `updateRestApiInput`. */
export function inputName(operation: string): string {
  return `${operation.charAt(0).toLowerCase()}${operation.slice(1)}Input`;
}
