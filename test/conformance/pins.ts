import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Sanitiser } from './sanitised.js';

export const PINS = fileURLToPath(new URL('./moto-answers.json', import.meta.url));

/** What moto answers where it is wrong, by row. */
export interface Pins {
  readonly moto: string;
  readonly answers: Readonly<Record<string, unknown>>;
}

export function readPins(): Pins {
  return JSON.parse(readFileSync(PINS, 'utf8')) as Pins;
}

/** An answer without what is another one at each run. */
export function pinned(answer: unknown): unknown {
  if (answer instanceof Date) return '<time>';
  if (typeof answer === 'string') return settled(answer);
  if (Array.isArray(answer)) return shortened(answer.map(pinned));
  if (typeof answer !== 'object' || answer === null) return answer === undefined ? '<nothing>' : answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [settled(name), pinnedMember(name, value)]));
}

function pinnedMember(name: string, value: unknown): unknown {
  if (typeof value === 'number' && value > 1e9) return '<time>';
  if (/^(iat|exp|auth_time)$/.test(name)) return '<time>';
  if (name === 'cognito:groups' && Array.isArray(value)) return [...value].sort(); // a set, in moto
  return typeof value === 'string' && /^(id|.*Id)$/.test(name) && !/[{<]/.test(value) ? '<id>' : pinned(value);
}

/** What rows before it have left behind makes some answers long. */
function shortened(answers: readonly unknown[]): readonly unknown[] {
  return answers.length > MOST ? [...answers.slice(0, 3), '<and more>'] : answers;
}

const MOST = 12;
const LONGEST = 240;

function settled(whole: string): string {
  const text = (whole.split('\n')[0] ?? '').replace(/^no failure but .*/, 'no failure');
  return new Sanitiser()
    .clean(text.replace(/[A-Za-z\d+/]{43}=/g, '<hash>'))
    .replace(/<(uuid|pool|token)-\d+>/g, '<$1>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/\b\d{10}(\.\d+)?\b/g, '<time>')
    .replace(/\b(?=[a-z\d]*\d)[a-z\d]{6,12}\b(?!\.example)|\b(?=\w*\d)(?=\w*[A-Za-z])\w{20,}\b/g, '<id>')
    .replace(/\bkey-\d+\.|\bplan-\d+\.|\bapi-\d+\./g, (name) => name.replace(/\d+/, 'N'))
    .slice(0, LONGEST);
}
