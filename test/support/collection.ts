import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';

interface Item {
  readonly name: string;
  readonly event: readonly { readonly listen: string; readonly script: { readonly exec: readonly string[] } }[];
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly header: readonly { readonly key: string; readonly value: string }[];
    readonly body?: { readonly mode: string; readonly raw: string };
  };
}

interface Collection {
  readonly info: { readonly schema: string };
  readonly item: readonly Item[];
  readonly variable: readonly { readonly key: string; readonly value: string }[];
}

/** Each test of a collection, with what it failed of; null = it passed. */
export interface Played {
  readonly name: string;
  readonly failure: string | null;
}

/** Plays a Postman collection (v2.1): requests in order, variables, and of the scripts what this one uses of `pm`. */
export async function play(path: string, given: Readonly<Record<string, string>>): Promise<Played[]> {
  const { info, item, variable }: Collection = JSON.parse(readFileSync(path, 'utf8'));
  if (!info.schema.includes('/v2.1.')) throw new Error(`${info.schema} is not to be played`);
  const variables = new Map([...variable.map(({ key, value }) => [key, value] as const), ...Object.entries(given)]);
  const filled = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_, name) => variables.get(name) ?? `no ${name}`);
  const played: Played[] = [];
  for (const { name, event, request } of item) {
    const headers = Object.fromEntries(request.header.map(({ key, value }) => [key, filled(value)]));
    const body = request.body && filled(request.body.raw);
    const reply = await fetch(filled(request.url), { method: request.method, headers, ...(body ? { body } : {}) });
    const text = await reply.text();
    const pm = {
      response: { code: reply.status, text: () => text, json: () => JSON.parse(text) },
      collectionVariables: {
        get: (key: string) => variables.get(key),
        set: (key: string, value: unknown) => variables.set(key, String(value)),
      },
      expect: (value: unknown) => expectation(value),
      test: (what: string, check: () => void) => played.push({ name: `${name}: ${what}`, failure: failureOf(check) }),
    };
    const scripts = event.filter(({ listen }) => listen === 'test').map(({ script }) => script.exec.join('\n'));
    const failure = failureOf(() => runInContext(scripts.join('\n'), createContext({ pm, atob })));
    if (failure !== null) played.push({ name: `${name}: its script`, failure });
  }
  return played;
}

/** Of Chai's words the two that the collection uses. */
function expectation(value: unknown) {
  const claim = (isTrue: boolean, word: string, wanted: unknown) => {
    if (!isTrue) throw new Error(`expected ${JSON.stringify(value)} to ${word} ${JSON.stringify(wanted)}`);
  };
  const holds = (part: unknown) => (typeof value === 'string' || Array.isArray(value)) && value.includes(String(part));
  return {
    to: {
      equal: (wanted: unknown) => claim(value === wanted, 'equal', wanted),
      include: (part: unknown) => claim(holds(part), 'include', part),
      not: { include: (part: unknown) => claim(!holds(part), 'not include', part) },
    },
  };
}

function failureOf(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    return error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)
      ? String(error.message)
      : String(error);
  }
}
