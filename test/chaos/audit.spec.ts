import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fullFiles } from '../../src/audit/archive/file-set.js';
import { verify } from '../../src/audit/archive/verification.js';
import { environment } from '../support/world.js';
import { freePort, Process } from './process.js';
import { type Account, SandboxProcess } from './sandbox-process.js';

const LISTENING = /"message":"Listening on (http:[^"]+)"/;
const MUTATION = JSON.stringify({ query: 'mutation { subscribe(plan: "none-such") { __typename } }' });

describe('the audit file of a real process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  const path = join(folder, 'audit.jsonl');
  let sandbox: SandboxProcess;
  let accounts: readonly Account[];
  beforeAll(async () => {
    sandbox = await SandboxProcess.start();
    accounts = await sandbox.accounts(6);
  }, 60_000);
  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });

  const env = (own: Record<string, string> = {}) =>
    environment(sandbox.url, { AUDIT_FILE: path, AUDIT_FILE_MAX_BYTES: '40000', LOG_LEVEL: 'error', ...own });
  const server = (own?: Record<string, string>) => new Process(process.execPath, ['dist/main.js'], env(own));

  /** Sends mutations until there is nobody to send them to. Answers the ids of those that were answered. */
  async function mutateUntilGone(url: string, { token }: Account, told: () => void): Promise<string[]> {
    const answered: string[] = [];
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    for (;;) {
      try {
        const reply = await fetch(`${url}/graphql`, { method: 'POST', headers, body: MUTATION });
        const text = await reply.text();
        if (!text.includes('UnknownPlan')) continue;
        told();
        answered.push(String(reply.headers.get('x-correlation-id')));
      } catch {
        return answered;
      }
    }
  }

  it('has every event whose mutation was answered, wherever the process was killed', async () => {
    const answered: string[] = [];
    for (const wanted of [10, 25, 40]) {
      const child = server({ LOG_LEVEL: 'log' });
      const url = await child.says(LISTENING);
      let count = 0;
      const kill = () => {
        count += 1;
        if (count === wanted) void child.kill();
      };
      const working = accounts.map((account) => mutateUntilGone(url, account, kill));
      answered.push(...(await Promise.all(working)).flat());
    }
    expect(answered.length).toBeGreaterThan(50);
    const { findings, files, lines } = await verify(path);
    expect(findings).toEqual([]);
    expect([files > 1, lines >= answered.length]).toEqual([true, true]);
    const kept = await keptIds();
    expect(answered.filter((id) => !kept.has(id))).toEqual([]);
  }, 120_000);

  async function keptIds(): Promise<Set<string>> {
    const paths = [...(await fullFiles(path)).map((file) => file.path), path];
    const text = paths.map((each) => readFileSync(each, 'utf8')).join('');
    return new Set([...text.matchAll(/"correlationId":"([^"]+)"/g)].map(([, id = '']) => id));
  }

  it('is refused to a second process, and let go by one that ends', async () => {
    const first = server();
    const second = server();
    const ends = [first, second].map(async (child) => ({ child, code: await child.exit }));
    const { child, code } = await Promise.race(ends);
    expect([code, child.stderr]).toEqual([1, expect.stringMatching(/AUDIT_FILE .* belongs to process \d+/)]);
    const other = child === first ? second : first;
    await other.kill();
    const third = server({ LOG_LEVEL: 'log' });
    await third.says(LISTENING);
    await third.kill();
  }, 60_000);

  it('is not the only place: at every LOG_LEVEL the log has each event, with the id of its request', async () => {
    const port = await freePort();
    const child = server({ LOG_LEVEL: 'error', PORT: String(port) });
    const [account] = accounts;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${account?.token}` };
    const ask = () =>
      fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body: MUTATION }).catch(() => null);
    let reply = await ask();
    while (!reply) reply = await ask();
    const id = await child.says(/"audit":.*"correlationId":"([^"]+)"\}\n/);
    await child.kill();
    expect(id).toBe(reply.headers.get('x-correlation-id'));
    expect(child.stdout.match(/"level":"log"/g)).toHaveLength(1);
  }, 60_000);

  it('goes on answering when there is no room on the disk: loud, and whole again afterwards', async () => {
    const small = join(folder, 'small.jsonl');
    const node = `trap '' XFSZ; ulimit -f 6; exec '${process.execPath}' dist/main.js`;
    const child = new Process('bash', ['-c', node], env({ AUDIT_FILE: small, LOG_LEVEL: 'log' }));
    const url = await child.says(LISTENING);
    const [account] = accounts;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${account?.token}` };
    for (let sent = 0; sent < 15; sent++) {
      const reply = await fetch(`${url}/graphql`, { method: 'POST', headers, body: MUTATION });
      expect(await reply.text()).toContain('UnknownPlan');
    }
    await child.kill();
    expect(child.stdout.match(/"audit":/g)).toHaveLength(15);
    expect((child.stdout + child.stderr).match(/Audit events are not reaching the file/g)).toHaveLength(1);
    const again = server({ AUDIT_FILE: small, LOG_LEVEL: 'log' });
    await again.says(LISTENING);
    await again.kill();
    const { findings, lines } = await verify(small);
    expect([findings, lines > 3]).toEqual([[], true]);
  }, 60_000);

  it('is verified by a command, which exits with 1 for a file that was changed', async () => {
    const command = (...args: string[]) => new Process(process.execPath, ['dist/audit-command.js', ...args]);
    const good = command('verify', path);
    expect([await good.exit, JSON.parse(good.stdout)]).toEqual([0, expect.objectContaining({ intact: true })]);
    const missed = command('verify', path, 'f'.repeat(64));
    expect([await missed.exit, JSON.parse(missed.stdout)]).toEqual([1, expect.objectContaining({ intact: false })]);
    const none = command('verify', join(folder, 'none'));
    expect([await none.exit, none.stderr]).toEqual([2, expect.stringContaining('ENOENT')]);
    expect(await command().exit).toBe(2);
  });
});
