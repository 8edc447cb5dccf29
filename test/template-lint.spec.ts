import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { skipping } from './support/moto.js';
import { TEMPLATE } from './support/template/deployed.js';

describe('infra/template.yaml', () => {
  const { error } = spawnSync('cfn-lint', ['--version']);
  const missing = error ? 'cfn-lint is not on PATH (pip install cfn-lint)' : null;
  if (skipping('cfn-lint', missing)) {
    it.skip(`is not linted: ${missing}`, () => {});
  } else {
    it('has nothing that cfn-lint finds fault with, after SAM has made plain CloudFormation of it', async () => {
      const lint = spawn('cfn-lint', [TEMPLATE], { stdio: ['ignore', 'pipe', 'pipe'] });
      const ended = new Promise((resolve) => lint.once('close', resolve));
      const [stdout, stderr] = await Promise.all([text(lint.stdout), text(lint.stderr)]);
      expect({ status: await ended, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
    }, 120_000);
  }
});
