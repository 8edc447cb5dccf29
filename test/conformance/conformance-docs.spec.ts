import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as gateway from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../src/sandbox/server.js';
import { counts, documentOf } from './document.js';
import { BASES } from './row.js';
import { FACTS } from './table.js';

const PAGE = fileURLToPath(new URL('../../docs/conformance.md', import.meta.url));
const SANDBOX = fileURLToPath(new URL('../../docs/sandbox.md', import.meta.url));
const SECTION = /(<!-- conformance: .* -->\n)[\s\S]*?(<!-- \/conformance -->)/;

describe('what is written of the sandbox’s conformance', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await Sandbox.start({ port: 0, directory: null });
  });
  afterAll(() => sandbox.close());

  describe('the table', () => {
    it('names every fact once', () => {
      const ids = FACTS.map(({ id }) => id);
      expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    });

    it('says of every fact what is called, what is expected and where it is known from', () => {
      const empty = FACTS.filter((fact) =>
        [fact.id, fact.call, fact.what, fact.source].some((text) => text.trim() === ''),
      );
      expect(empty.map(({ id }) => id)).toEqual([]);
      expect(FACTS.filter(({ basis }) => !BASES.includes(basis))).toEqual([]);
      expect(FACTS.length).toBeGreaterThanOrEqual(700);
    });

    it('holds the words of AWS where it says that they were recorded', () => {
      const recorded = FACTS.filter(({ basis }) => basis === 'recorded');
      expect(recorded.filter(({ source }) => !/LocalStack|capture/.test(source))).toEqual([]);
    });
  });

  describe('the documentation', () => {
    it('has the table that is run', () => {
      const names = { gateway: new Set(sandbox.gateway.operationNames), cognito: sandbox.cognito.operations };
      const page = documentOf((service, name) =>
        service === 'gateway' ? names.gateway.has(name) : Object.hasOwn(names.cognito, name),
      );
      const section = readFileSync(SANDBOX, 'utf8').replace(SECTION, `$1${counts().join('\n')}\n$2`);
      if (process.env.CONFORMANCE_DOCS) {
        writeFileSync(PAGE, page);
        writeFileSync(SANDBOX, section);
      }
      const isCurrent = readFileSync(PAGE, 'utf8') === page && readFileSync(SANDBOX, 'utf8') === section;
      if (!isCurrent) throw new Error('docs/conformance.md or sandbox.md is stale: `npm run conformance -- --docs`');
    });

    it('does not say that an operation is missing which is there', () => {
      const [, lacking = ''] = /answer 501[\s\S]*?- API Gateway: (.*)\n/.exec(readFileSync(PAGE, 'utf8')) ?? [];
      expect(lacking).toContain('GetDomainNames');
      expect(lacking.split(/, |\./)).not.toContain('CreateApiKey');
      expect(Object.keys(gateway)).toContain('CreateApiKeyCommand');
    });
  });
});
