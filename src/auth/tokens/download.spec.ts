import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { download } from './download.js';

describe('fetching what is at an address', () => {
  const server = createServer();
  afterEach(() => {
    server.removeAllListeners('request');
    server.closeAllConnections();
    server.close();
  });

  async function answered(listener: RequestListener, milliseconds?: number): Promise<string> {
    server.on('request', listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port }: AddressInfo = Object(server.address());
    return download(new URL(`http://127.0.0.1:${port}/pool/jwks.json`), milliseconds).then(
      (bytes) => new TextDecoder().decode(bytes),
      (error: unknown) => String(error),
    );
  }

  it('gives all of it', async () => {
    const text = JSON.stringify({ keys: Array.from({ length: 5000 }, (_, n) => `key ${n}`) });
    expect(await answered((_request, reply) => reply.end(text))).toBe(text);
  });

  it('refuses what is not answered with 200', async () => {
    const said = await answered((_request, reply) => reply.writeHead(503).end('{"keys":[]}'));
    expect(said).toMatch(/^Error: Fetching http:.*\/pool\/jwks\.json failed with HTTP 503$/);
  });

  it("follows no redirect: keys from elsewhere would be somebody else's", async () => {
    const asked: string[] = [];
    const said = await answered(({ url = '' }, reply) => {
      asked.push(url);
      if (url === '/elsewhere') reply.end('{"keys":[]}');
      else reply.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(said).toContain('HTTP 302');
    expect(asked).toEqual(['/pool/jwks.json']);
  });

  it('fails when the answer breaks off', async () => {
    const said = await answered((_request, reply) => {
      reply.writeHead(200, { 'content-length': '1000' }).write('{"keys":[');
      setImmediate(() => reply.destroy());
    });
    expect(said).toContain('Error');
  });

  it('fails when nobody answers in time', async () => {
    expect(await answered(() => {}, 50)).toContain('TimeoutError');
  });
});
