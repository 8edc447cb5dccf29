import { ATTRIBUTE } from './attributes.js';

/** A key as it is written down on its user, and in the user's tokens. */
export interface NotedKey {
  readonly id: string;
  readonly generation: number;
  /** Whether its value is its own, and does not follow from the generation. */
  readonly isImported: boolean;
}

/** What stands after the generation of a key that has a value of its own. */
const IMPORTED = ';imported';

/** Out of the two texts that are kept; a generation that is none counts as the one before the first. */
export function notedKey(id: string | null, text: string | null): NotedKey | null {
  const isImported = text?.endsWith(IMPORTED) === true;
  const digits = (isImported ? text?.slice(0, -IMPORTED.length) : text) ?? '';
  return id ? { id, generation: /^\d{1,15}$/.test(digits) ? Number(digits) : 0, isImported } : null;
}

/** As attributes to be written together. */
export function keyNotes({ id, generation, isImported }: NotedKey): Record<string, string> {
  return { [ATTRIBUTE.keyId]: id, [ATTRIBUTE.keyGeneration]: `${generation}${isImported ? IMPORTED : ''}` };
}
