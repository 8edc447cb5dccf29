import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './children.js';
import { cpuMicroseconds, LOAD_CORE, residentMegabytes, watchStrangers } from './machine.js';

const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url));
const LOOK_MILLISECONDS = 100;

/** Where this run keeps its requests, data and logs. */
export const RUN_FOLDER = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));

/**
 * One run of wrk, one thread, on a core of its own unless another is named, against a server; `own` are other processes that take part, such as
 * the sandbox. What it answers says what the server used for each request, and how much of the machine strangers took.
 */
export async function load(
  server,
  { requests, connections, seconds, isOnce = false, expected = '', own = [], core = LOAD_CORE },
) {
  const file = join(RUN_FOLDER, `requests-${server.port}`);
  writeFileSync(file, requests.map((one) => rawRequest(one, server.port)).join('\0'));
  const strangers = watchStrangers([server.pid, process.pid, ...own]);
  const before = cpuMicroseconds(server.pid);
  const words = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '30s',
    '-s',
    SCRIPT,
    `http://127.0.0.1:${server.port}`,
  ];
  const command = ['wrk', ...words, '--', file, isOnce ? 'once' : 'again', expected];
  const child = start(core, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  let ofLoad = 0;
  let megabytes = 0;
  const look = setInterval(() => {
    ofLoad = Math.max(ofLoad, cpuMicroseconds(child.pid));
    megabytes = Math.max(megabytes, residentMegabytes(server.pid));
  }, LOOK_MILLISECONDS);
  const [code] = await once(child, 'close');
  clearInterval(look);
  const [, json] = /^RESULT (.*)$/m.exec(said) ?? [];
  if (code !== 0 || !json) throw new Error(`wrk ended with ${code}: ${said}`);
  const result = JSON.parse(json);
  return {
    ...result,
    perSecond: result.requests / result.activeSeconds,
    cpuPerRequest: (cpuMicroseconds(server.pid) - before) / result.requests,
    megabytes,
    noisePercent: strangers(ofLoad),
  };
}

function rawRequest({ method, path, token, body }, port) {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${token}`,
    ...(body ? ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`] : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
