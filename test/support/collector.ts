import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number };
}

interface Received {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

/** What a tracing product runs: takes spans by OTLP/HTTP, and keeps all that it was sent. */
export class Collector {
  readonly bodies: string[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  readonly paths: (string | undefined)[] = [];
  status = 200;
  private waiting: (() => void)[] = [];

  private constructor(private readonly server = createServer()) {
    server.on('request', async (request, reply) => {
      this.headers.push(request.headers);
      this.paths.push(request.url);
      this.bodies.push(Buffer.concat(await request.toArray()).toString());
      reply.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
      for (const look of this.waiting.splice(0)) look();
    });
  }

  static async start(): Promise<Collector> {
    const collector = new Collector();
    collector.server.listen(0, '127.0.0.1');
    await once(collector.server, 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get services(): readonly (string | undefined)[] {
    return this.received.flatMap(({ resource }) => resource.attributes.map(({ value }) => value.stringValue));
  }

  get spans(): readonly ReceivedSpan[] {
    return this.received.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  }

  /** The whole trace, as soon as the span of the request is there: it ends last. */
  async trace(traceId: string): Promise<readonly ReceivedSpan[]> {
    for (;;) {
      const spans = this.spans.filter((span) => span.traceId === traceId);
      if (spans.some(({ kind }) => kind === 2)) return spans;
      await this.next();
    }
  }

  /** The next time that something is sent. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private get received() {
    return this.bodies.flatMap((body) => (JSON.parse(body) as Received).resourceSpans);
  }
}

export function attributesOf({ attributes }: ReceivedSpan): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}
