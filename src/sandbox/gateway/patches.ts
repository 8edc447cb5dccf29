import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import { badRequest } from './replies.js';

/** What a patch at one path does; `name` is the part of the path in the pattern's brackets, with `~1` read as `/`. */
export interface PatchRule<T> {
  readonly path: RegExp;
  readonly ops: readonly string[];
  readonly apply: (record: T, change: Change) => T;
}

export interface Change {
  readonly op: string;
  readonly value: string | undefined;
  readonly name: string;
}

/** Applies one patch operation the way REST APIs, methods and authorizers take it. */
export function patchedBy<T>(rules: readonly PatchRule<T>[]) {
  return (record: T, { op = 'replace', path, value }: PatchOperation): T => {
    for (const rule of rules) {
      const found = rule.path.exec(path ?? '');
      if (!found) continue;
      if (!rule.ops.includes(op))
        throw badRequest(`Invalid patch operation specified. Must be one of: [${rule.ops.join(', ')}]`);
      return rule.apply(record, { op, value, name: unescaped(found[1] ?? '') });
    }
    throw badRequest(`Invalid patch path ${path ?? null}`);
  };
}

/** A rule that replaces one text member. */
export function replaces<T>(path: RegExp, member: keyof T): PatchRule<T> {
  return { path, ops: ['replace'], apply: (record, { value }) => ({ ...record, [member]: value }) };
}

/** One entry of a map, added, replaced or removed. */
export function withEntry<V>(
  map: Readonly<Record<string, V>> | undefined,
  { op, name }: Change,
  value: V,
): Readonly<Record<string, V>> | undefined {
  const { [name]: _, ...others } = map ?? {};
  const after = op === 'remove' ? others : { ...others, [name]: value };
  return Object.keys(after).length > 0 ? after : undefined;
}

/** One item of a list, added or removed. */
export function withItem(list: readonly string[] | undefined, op: string, item: string): readonly string[] | undefined {
  const others = (list ?? []).filter((held) => held !== item);
  const after = op === 'remove' ? others : [...others, item];
  return after.length > 0 ? after : undefined;
}

/** Any word but `true` is false. */
export function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true';
}

export function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
