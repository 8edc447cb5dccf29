import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../clock.js';
import { Config } from '../../config.js';
import { contentPolicy } from '../../operation/content-policy.js';
import { failedHead, GRAPHQL_TYPE, JSON_TYPE, prefersGraphqlType } from '../http-status.js';
import { CORRELATION_HEADER, POLICY_HEADER, SECURITY_HEADERS } from '../reply-headers.js';
import type { Answer } from './kept-answers.js';
import { LaneCounts } from './lane-counts.js';
import type { TrustedQuery } from './trusted-query.js';

const OK = { status: 200, retryAfter: null };
const PLAIN = `${JSON_TYPE}; charset=utf-8`;
const GRAPHQL = `${GRAPHQL_TYPE}; charset=utf-8`;

/** A request that the lane answers. */
export interface Taken {
  readonly query: TrustedQuery;
  readonly headers: IncomingHttpHeaders;
  readonly correlationId: string;
  /** When it came, in milliseconds. */
  readonly from: number;
}

/** What is true of the server when a reply is sent. */
interface Sending {
  /** Nobody may be about to use the connection when the server closes. */
  readonly isDraining: boolean;
}

/** Replies of the lane look and count as those of the general path. */
@Injectable()
export class LaneReplies {
  private readonly origins: ReadonlySet<string>;
  private readonly ofAll = Object.entries({
    vary: 'Origin',
    'access-control-expose-headers': CORRELATION_HEADER,
    ...SECURITY_HEADERS,
    [POLICY_HEADER]: contentPolicy(),
    'cache-control': 'no-store',
  }).flat();

  constructor(
    private readonly counts: LaneCounts,
    private readonly clock: Clock,
    { corsOrigins }: Config,
  ) {
    this.origins = new Set(corsOrigins);
  }

  send(response: ServerResponse, answer: Answer, taken: Taken, { isDraining }: Sending): void {
    const { query, headers, correlationId, from } = taken;
    const { text, length, encoding, error, hasData } = answer;
    const { origin, accept } = headers;
    const isGraphqlType = accept !== undefined && prefersGraphqlType(accept);
    const { status, retryAfter } = error && !hasData ? failedHead(error, isGraphqlType) : OK;
    const head = [...this.ofAll, 'content-type', isGraphqlType ? GRAPHQL : PLAIN, 'content-length', length];
    head.push(CORRELATION_HEADER, correlationId);
    if (isDraining) head.push('connection', 'close');
    if (retryAfter !== null) head.push('retry-after', retryAfter);
    if (origin !== undefined && this.origins.has(origin)) head.push('access-control-allow-origin', origin);
    response.writeHead(status, head);
    response.end(text, encoding);
    this.counts.add({
      fields: query.fields,
      status,
      outcome: error ? String(error.extensions?.code) : 'ok',
      seconds: (this.clock.now().getTime() - from) / 1000,
    });
  }
}
