import { connect } from 'node:net';

const QUIET_MILLISECONDS = 300;
const PATIENCE_MILLISECONDS = 1500;

/** One answer on a connection, as far as it came. */
export interface RawReply {
  readonly status: number;
  readonly retryAfter: boolean;
  readonly bytes: number;
  readonly text: string;
}

/** Writes bytes to a server and reads what comes until it closes, or has said nothing for a while. */
export function sendBytes(url: string, bytes: Buffer): Promise<RawReply[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => void socket.write(bytes));
    const done = () => {
      socket.destroy();
      resolve(repliesIn(Buffer.concat(parts).toString('latin1')));
    };
    socket.setTimeout(PATIENCE_MILLISECONDS, done);
    socket.on('data', (part) => {
      parts.push(part);
      socket.setTimeout(QUIET_MILLISECONDS);
    });
    socket.on('error', done);
    socket.on('close', done);
  });
}

/** Several requests on one connection have several answers. */
function repliesIn(text: string): RawReply[] {
  return text
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((reply) => reply !== '')
    .map((reply) => ({
      status: Number(/^HTTP\/1\.1 (\d{3})/.exec(reply)?.[1] ?? 0),
      retryAfter: /\r\nretry-after: \d+\r\n/i.test(reply),
      bytes: reply.length,
      text: reply,
    }));
}
