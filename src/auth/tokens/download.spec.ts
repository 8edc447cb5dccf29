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

  const begun: RequestListener = (_request, reply) => {
    reply.writeHead(200, { 'content-length': '1000' }).write('{"keys":[');
  };

  it.each([
    ['ends early', 'destroy'],
    ['is reset', 'resetAndDestroy'],
  ] as const)('fails when the answer has begun and %s', async (_what, end) => {
    const said = await answered((request, reply) => {
      begun(request, reply);
      setTimeout(() => request.socket[end](), 20);
    });
    expect(said).toMatch(/aborted|ECONNRESET/);
  });

  it.each([
    ['no answer', () => {}],
    ['only the beginning of one', begun],
  ])('fails when there is %s in time', async (_what, listener) => {
    expect(await answered(listener, 100)).toContain('TimeoutError');
  });

  it('fails when the answer is none, but another protocol', async () => {
    const said = await answered((request) => {
      request.socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    }, 100);
    expect(said).toContain('TimeoutError');
  });
});
