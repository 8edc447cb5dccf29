import * as gateway from '@aws-sdk/client-api-gateway';
import * as cognito from '@aws-sdk/client-cognito-identity-provider';
import { operationsOf } from '../../src/sandbox/wire.js';
import { NOT_MODELLED } from './not-modelled.js';
import { BASES, type Basis, NEEDS } from './row.js';
import { FACTS, type Fact, TABLE } from './table.js';

const MEANINGS: Readonly<Record<Basis, string>> = {
  recorded: 'an answer of AWS that was recorded by somebody and published',
  docs: 'AWS’s documentation or its published service model says so',
  field: 'users of AWS report it; AWS does not say it',
  inference: 'nobody says it: the sandbox had to do something, and this is our guess or our choice',
};

/** `docs/conformance.md`. `answers` tells whether the sandbox has an operation at all. */
export function documentOf(answers: (service: 'gateway' | 'cognito', operation: string) => boolean): string {
  const lacking = (service: 'gateway' | 'cognito', sdk: Readonly<Record<string, unknown>>) =>
    operationsOf(sdk)
      .map(({ name }) => name)
      .filter((name) => !answers(service, name))
      .sort();
  return `${[
    '<!-- Generated from test/conformance; `npm run conformance -- --docs` writes it anew. Do not edit. -->',
    '',
    '# What the sandbox is known to do, and from where',
    '',
    'Each row is a fact about AWS, run against the sandbox by `npm run conformance`. That the sandbox passes says that it does what the row',
    'says. That AWS does too is as certain as the row’s basis, and no more: **none of this was run on a real account by the',
    'authors**. `npm run conformance -- --cloud aws` does that for whoever has one.',
    '',
    ...counts(),
    '',
    `${FACTS.filter(({ needs }) => needs.length > 0).length} rows take something that not every cloud has, and are reported as not run where it is missing:`,
    '',
    '| rows | take |',
    '|---|---|',
    ...Object.entries(NEEDS).map(
      ([need, meaning]) => `| ${FACTS.filter(({ needs }) => needs.some((one) => one === need)).length} | ${meaning} |`,
    ),
    '',
    '## Not modelled',
    '',
    ...NOT_MODELLED.map((text) => `- ${text}`),
    '',
    'These operations answer 501 `NotImplementedException`:',
    '',
    `- API Gateway: ${lacking('gateway', gateway).join(', ')}.`,
    `- Amazon Cognito: ${lacking('cognito', cognito).join(', ')}.`,
    '',
    '## What rests on inference',
    '',
    'Do not build on these without trying them on AWS.',
    '',
    ...table(FACTS.filter(({ basis }) => basis === 'inference')),
    ...TABLE.flatMap(({ title, sections }) => [
      `## ${title}`,
      '',
      ...sections.flatMap(({ title, facts }) => [`### ${capital(title)}`, '', ...table(facts)]),
    ]),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

/** The counts by basis, in `docs/sandbox.md` too. */
export function counts(): string[] {
  const count = (facts: readonly Fact[], basis?: Basis) =>
    facts.filter((fact) => basis === undefined || fact.basis === basis).length;
  const chapters = TABLE.map(({ title, sections }) => ({ title, facts: sections.flatMap(({ facts }) => facts) }));
  return [
    `| basis | meaning | ${chapters.map(({ title }) => title).join(' | ')} | all |`,
    `|---|---|${'---|'.repeat(chapters.length + 1)}`,
    ...BASES.map(
      (basis) =>
        `| ${basis} | ${MEANINGS[basis]} | ${chapters.map(({ facts }) => count(facts, basis)).join(' | ')} | ${count(FACTS, basis)} |`,
    ),
    `| all | | ${chapters.map(({ facts }) => count(facts)).join(' | ')} | ${count(FACTS)} |`,
  ];
}

function table(facts: readonly Fact[]): string[] {
  const rows = facts.map(({ id, call, what, basis, source }) => [id, call, what, basis, source].map(cell).join(' | '));
  return ['| id | call | expected | basis | source |', '|---|---|---|---|---|', ...rows.map((row) => `| ${row} |`), ''];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ').trim();
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
