import type { TypedDocumentString } from '../../operations/customer.js';
import type { Settings } from '../deployment/settings.js';
import { type Session, SessionEnded } from '../signing-in/session.js';
import { Failure, type Partly } from './failure.js';

interface GraphqlReply<T> {
  readonly data?: T | null;
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions?: { readonly code?: string; readonly retryAfterSeconds?: number; readonly reference?: string };
  }[];
}

const WAIT_MILLISECONDS = 30_000;
/** What a host in front of Turnpike answers when there is too much to do. */
const BUSY = [429, 503];
/** When it does not say for how long. */
const BUSY_SECONDS = 5;

/** Sends typed operations to Turnpike. */
export class Client {
  constructor(
    private readonly settings: Settings,
    private readonly session: Session,
  ) {}

  /** @throws Failure */
  async ask<R, V>(document: TypedDocumentString<R, V>, variables: V): Promise<R> {
    return (await this.askPartly(document, variables, null)).data;
  }

  /**
   * `missable` is the path of what all else is of use without, such as `me.usage`.
   * @throws Failure
   */
  async askPartly<R, V>(
    document: TypedDocumentString<R, V>,
    variables: V,
    missable: string | null,
  ): Promise<Partly<R>> {
    try {
      return await this.sent(document, variables, missable, false);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'UNAUTHENTICATED') throw error;
    }
    try {
      return await this.sent(document, variables, missable, true); // the token may have ended on its way
    } catch (error) {
      if (error instanceof Failure && error.code === 'UNAUTHENTICATED') this.session.end('ended');
      throw error;
    }
  }

  private async sent<R, V>(
    document: TypedDocumentString<R, V>,
    variables: V,
    missable: string | null,
    isRefused: boolean,
  ): Promise<Partly<R>> {
    const token = await this.token(isRefused);
    const reply = await fetch(`${this.settings.origin}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query: document.toString(), variables }),
      signal: AbortSignal.timeout(WAIT_MILLISECONDS),
    }).catch(() => {
      throw new Failure('UNREACHABLE');
    });
    const { data, errors = [] } = await read<R>(reply);
    if (data && errors.length === 0) return { data, failure: null };
    const { code = 'INTERNAL_SERVER_ERROR', ...told } = errors[0]?.extensions ?? {};
    const failure = new Failure(code, told);
    const isMissable =
      missable !== null && errors.every(({ path = [] }) => `${path.join('.')}.`.startsWith(`${missable}.`));
    if (data && isMissable) return { data, failure };
    throw failure;
  }

  /** Null = nobody is signed in, and what is public needs nobody. */
  private async token(isRefused: boolean): Promise<string | null> {
    if (this.session.get().kind !== 'in') return null;
    try {
      return await this.session.token(this.settings.token, isRefused);
    } catch (error) {
      throw new Failure(error instanceof SessionEnded ? 'UNAUTHENTICATED' : 'UNREACHABLE');
    }
  }
}

/** What stands in front of Turnpike may answer in words of its own, and an answer may break off. */
async function read<R>(reply: Response): Promise<GraphqlReply<R>> {
  const body: unknown = await reply.json().catch(() => null);
  if (isGraphql<R>(body)) return body;
  if (!BUSY.includes(reply.status)) throw new Failure('UNREACHABLE');
  throw new Failure('TRY_AGAIN', { retryAfterSeconds: Number(reply.headers.get('retry-after')) || BUSY_SECONDS });
}

function isGraphql<R>(body: unknown): body is GraphqlReply<R> {
  if (typeof body !== 'object' || body === null) return false;
  return 'data' in body || ('errors' in body && Array.isArray(body.errors));
}
