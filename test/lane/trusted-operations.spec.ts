import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { Kind, type OperationDefinitionNode, parse, print, separateOperations } from 'graphql';
import { TRUSTED_OPERATIONS } from '../../src/graphql/lane/trusted-operations.js';
import * as portal from '../../web/operations/customer.js';

const FILE = 'src/graphql/lane/trusted-operations.ts';

const isQuery = (text: string) =>
  parse(text).definitions.some((one): one is OperationDefinitionNode => {
    return one.kind === Kind.OPERATION_DEFINITION && one.operation === 'query';
  });

/** Of the portal as it sends them; of the page for frontend developers as code generators print them. */
function queries(): string[] {
  const ofPortal = Object.entries(portal).flatMap(([name, document]) =>
    /Document$/.test(name) ? [String(document)] : [],
  );
  const page = readFileSync('docs/frontend.md', 'utf8');
  const [, block = ''] = /^## Operations\n[\s\S]*?```graphql\n([\s\S]*?)```/m.exec(page) ?? [];
  const ofPage = Object.values(separateOperations(parse(block))).map(print);
  return [...ofPortal, ...ofPage].filter(isQuery).sort();
}

/** With UPDATE_TRUSTED=1 (`npm run trusted`) the file is written instead. */
it('the trusted operations are the queries of the portal and of docs/frontend.md', () => {
  const due = queries();
  expect(due.length).toBeGreaterThan(4);
  if (process.env.UPDATE_TRUSTED) {
    const [comment = ''] = readFileSync(FILE, 'utf8').split('export const');
    const texts = due.map((text) => `  ${JSON.stringify(text)},\n`).join('');
    writeFileSync(FILE, `${comment}export const TRUSTED_OPERATIONS: readonly string[] = [\n${texts}];\n`);
    return;
  }
  expect([...TRUSTED_OPERATIONS].sort()).toEqual(due);
});

it('the benchmark asks for operations that are trusted', () => {
  for (const name of ['me', 'plans'])
    expect(TRUSTED_OPERATIONS).toContain(readFileSync(`bench/documents/${name}.graphql`, 'utf8').trim());
});
