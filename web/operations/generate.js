/**
 * `npm run operations -w web`: writes `<name>.ts` for each `<name>.graphql` beside this file, from schema.gql.
 * With `--check` nothing is written, and it fails when a file would be another.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { buildSchema, parse, printSchema } from 'graphql';

const here = new URL('./', import.meta.url);
const schema = buildSchema(readFileSync(new URL('../../schema.gql', here), 'utf8'));
const isCheck = process.argv.includes('--check');
const names = readdirSync(here).flatMap((file) => /^(.+)\.graphql$/.exec(file)?.[1] ?? []);

const SCALARS = { Count: 'number', Date: 'string', DateTime: 'string', ID: 'string' };
const config = {
  scalars: SCALARS,
  strictScalars: true,
  enumsAsTypes: true,
  useTypeImports: true,
  documentMode: 'string',
  dedupeFragments: true,
  skipTypename: true,
  immutableTypes: true,
  pureMagicComment: true,
};

const stale = [];
for (const name of names) {
  const output = new URL(`${name}.ts`, here);
  const text = await generated(name);
  if (isCheck && textOf(output) !== text) stale.push(name);
  if (!isCheck) writeFileSync(output, text);
}
if (stale.length > 0) {
  console.error(`Out of date: ${stale.join(', ')}. Run \`npm run operations -w web\`.`);
  process.exit(1);
}

async function generated(name) {
  const document = parse(readFileSync(new URL(`${name}.graphql`, here), 'utf8'));
  const text = await codegen({
    filename: `${name}.ts`,
    schema: parse(printSchema(schema)),
    schemaAst: schema,
    documents: [{ location: `${name}.graphql`, document }],
    config,
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations, documents: typedDocumentNode },
  });
  return `// Made from ${name}.graphql and schema.gql by \`npm run operations -w web\`. Do not edit.\n${text.trimEnd()}\n`;
}

function textOf(url) {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return null;
  }
}
