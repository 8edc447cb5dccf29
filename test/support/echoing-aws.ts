import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * AWS with a bad habit: while it echoes, every call of API Gateway fails with a message that holds what was sent and what
 * would have been answered.
 */
export class EchoingAws {
  isEchoing = false;
  private readonly server = createServer((request, response) => void this.answer(request, response));

  private constructor(
    private readonly aws: string,
    private readonly besides: string,
  ) {}

  /** `besides` stands in every message too. */
  static async start(aws: string, besides: string): Promise<EchoingAws> {
    const echoing = new EchoingAws(aws, besides);
    await new Promise<void>((resolve) => echoing.server.listen(0, '127.0.0.1', resolve));
    return echoing;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const body = Buffer.concat(await request.toArray());
    const { host: _, connection: __, 'content-length': ___, ...sent } = headers;
    const init = { method, headers: sent as Record<string, string>, ...(body.length > 0 ? { body } : {}) };
    const reply = await fetch(this.aws + url, init);
    const text = await reply.text();
    if (!this.isEchoing || url === '/') {
      response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? 'application/json' });
      response.end(text);
      return;
    }
    const message = `Not understood: ${method} ${url} ${JSON.stringify(headers)} ${body.toString()} ${text} ${this.besides}`;
    response.writeHead(400, { 'content-type': 'application/json', 'x-amzn-errortype': 'BadRequestException' });
    response.end(JSON.stringify({ message }));
  }
}
