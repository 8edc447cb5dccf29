import { spanned } from '../../tracing/span.js';
import { outcomeOf } from '../failures.js';
import { serviceOf } from './rates.js';

type Call<T> = (signal: AbortSignal) => Promise<T>;

/** The same call, each of its attempts as a span: what was asked and how it ended, never with what. */
export function tracedCall<T>(operation: string, call: Call<T>): Call<T> {
  return (signal) =>
    spanned(operation, 'client', async (span) => {
      span?.set('rpc.system', 'aws-api');
      span?.set('rpc.service', serviceOf(operation));
      span?.set('rpc.method', operation);
      try {
        const reply = await call(signal);
        span?.set('turnpike.outcome', 'ok');
        return reply;
      } catch (error) {
        span?.set('turnpike.outcome', signal.aborted ? 'unavailable' : outcomeOf(error));
        throw error;
      }
    });
}
