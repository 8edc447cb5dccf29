import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import { formatError } from '../src/graphql/format-error.js';
import { Problem, REFUSAL_CODES } from '../src/problem.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = join(ROOT, 'docs/problems.md');
const SCHEMA = join(ROOT, 'schema.gql');
const SHOWN_CODE = /^[A-Z][A-Z_]+$/;

/** Codes that Apollo gives to requests; which of them we let through is asked of formatError itself. */
const APOLLO_CODES = [
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'INTERNAL_SERVER_ERROR',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
];

function shownCodes(): string[] {
  return APOLLO_CODES.map((code) => {
    const error = new GraphQLError('about the request', { extensions: { code } });
    return String(formatError({ message: error.message, extensions: { code } }, error).extensions?.code);
  });
}

/** The code of every class in a `*.problems.ts`, made without arguments or with any text, by the name of its type. */
async function problems(): Promise<ReadonlyMap<string, string>> {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const rooms = files.filter((path) => path.endsWith('.problems.ts'));
  const modules = await Promise.all(rooms.map((path) => import(join(ROOT, 'src', path)) as Promise<object>));
  const kinds = modules.flatMap((module): unknown[] => Object.values(module)).filter(isProblemClass);
  return new Map(kinds.map((kind) => [kind.name, new kind('x', 'x', 'x').code]));
}

/** Of each mutation the codes that it may answer, as `<mutation> <code>`. */
async function answers(): Promise<string[]> {
  const codes = await problems();
  const unions = readFileSync(SCHEMA, 'utf8').matchAll(/^union (\w)(\w+)Result = (.*)$/gm);
  return [...unions].flatMap(([, initial = '', rest = '', types = '']) =>
    types
      .split(' | ')
      .flatMap((type) => (codes.has(type) ? [`${initial.toLowerCase()}${rest} ${codes.get(type)}`] : [])),
  );
}

function isProblemClass(value: unknown): value is new (...texts: string[]) => Problem {
  return typeof value === 'function' && value.prototype instanceof Problem;
}

describe('docs/problems.md', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('has one heading for each code that a client can meet, and none besides', async () => {
    const codes = new Set([...(await problems()).values(), ...REFUSAL_CODES, ...shownCodes()]);
    expect(existsSync(PAGE)).toBe(true);
    const headings = [...readFileSync(PAGE, 'utf8').matchAll(/^## (.*)$/gm)].map(([, text = '']) => text.trim());
    expect(headings.filter((text) => SHOWN_CODE.test(text)).sort()).toEqual([...codes].sort());
  });

  it('says something under each of them', () => {
    const sections = readFileSync(PAGE, 'utf8').split(/^## /m).slice(1);
    const empty = sections.filter((section) => section.split('\n').slice(1).join('').trim().length < 40);
    expect(empty).toEqual([]);
  });

  it('names each mutation under every problem that it may answer', async () => {
    const sections = readFileSync(PAGE, 'utf8').split(/^## /m);
    const isNamed = (answer: string) => {
      const [mutation, code] = answer.split(' ');
      if (code === 'UNKNOWN_USER') return true; // there they are named all at once
      return sections.find((section) => section.startsWith(`${code}\n`))?.includes(`\`${mutation}\``);
    };
    const all = await answers();
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter((answer) => !isNamed(answer))).toEqual([]);
  });
});

describe('problems', () => {
  it('have codes in capitals, each its own, and a text that is a sentence', async () => {
    const codes = [...(await problems()).values()];
    expect(codes.length).toBeGreaterThanOrEqual(6);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code).toMatch(SHOWN_CODE);
  });

  it('stand in files whose name says so: no other file defines one', () => {
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    const elsewhere = files.filter(
      (path) =>
        path.endsWith('.ts') &&
        !path.endsWith('.problems.ts') &&
        !path.startsWith('sandbox') &&
        / extends Problem\b/.test(readFileSync(join(ROOT, 'src', path), 'utf8')),
    );
    expect(elsewhere).toEqual([]);
  });
});
