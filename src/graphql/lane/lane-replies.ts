import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../clock.js';
import { Config } from '../../config.js';
import { Metrics } from '../../metrics.js';
import { contentPolicy } from '../../operation/content-policy.js';
import { failedHead, GRAPHQL_PATH, GRAPHQL_TYPE, JSON_TYPE, prefersGraphqlType } from '../http-status.js';
import { CORRELATION_HEADER, POLICY_HEADER, SECURITY_HEADERS } from '../reply-headers.js';
import type { Answer } from './kept-answers.js';
import type { TrustedQuery } from './trusted-query.js';

const OK = { status: 200, retryAfter: null };

/** A request that the lane answers. */
export interface Taken {
  readonly query: TrustedQuery;
  readonly headers: IncomingHttpHeaders;
  readonly correlationId: string;
  /** When it came, in milliseconds. */
  readonly from: number;
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
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    { corsOrigins }: Config,
  ) {
    this.origins = new Set(corsOrigins);
  }

  send(response: ServerResponse, answer: Answer, { query, headers, correlationId, from }: Taken): void {
    const { text, error, hasData } = answer;
    const { origin, accept } = headers;
    const isGraphqlType = accept !== undefined && prefersGraphqlType(accept);
    const { status, retryAfter } = error && !hasData ? failedHead(error, isGraphqlType) : OK;
    const own = {
      'content-type': `${isGraphqlType ? GRAPHQL_TYPE : JSON_TYPE}; charset=utf-8`,
      'content-length': String(Buffer.byteLength(text)),
      [CORRELATION_HEADER]: correlationId,
      ...(retryAfter !== null && { 'retry-after': retryAfter }),
      ...(origin !== undefined && this.origins.has(origin) && { 'access-control-allow-origin': origin }),
    };
    response.writeHead(status, [...this.ofAll, ...Object.entries(own).flat()]);
    response.end(text);
    this.count(
      query,
      status,
      error ? String(error.extensions?.code) : 'ok',
      (this.clock.now().getTime() - from) / 1000,
    );
  }

  private count({ fields }: TrustedQuery, status: number, outcome: string, seconds: number): void {
    this.metrics.httpRequests.observe({ route: GRAPHQL_PATH, status }, seconds);
    this.metrics.laneAnswers.inc();
    for (const field of fields) this.metrics.graphqlOperations.inc({ field, outcome });
  }
}
