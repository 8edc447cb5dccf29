import { once } from 'node:events';
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { arrayBuffer } from 'node:stream/consumers';

const TIMEOUT_MILLISECONDS = 3000;
const OK = 200;

/**
 * What is at an address. Not by `fetch`: that takes longer to load than anything else on the way to the first answer.
 * @throws when it is not answered within three seconds, or with anything but 200; redirects are not followed.
 */
export async function download(url: URL, milliseconds = TIMEOUT_MILLISECONDS): Promise<ArrayBuffer> {
  const signal = AbortSignal.timeout(milliseconds);
  const options = { headers: { connection: 'close' }, signal };
  const request = url.protocol === 'http:' ? getPlain(url, options) : get(url, options);
  request.on('error', () => {}); // one that comes after the head fails the reply too, and is heard there
  try {
    const [reply]: IncomingMessage[] = await once(request, 'response', { signal });
    if (reply?.statusCode === OK) return await arrayBuffer(reply);
    throw new Error(`Fetching ${url.origin}${url.pathname} failed with HTTP ${reply?.statusCode}`);
  } catch (error) {
    signal.throwIfAborted(); // says that it took too long; what the request says is that it was given up
    throw error;
  } finally {
    request.destroy();
  }
}
