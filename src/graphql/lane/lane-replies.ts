import { Injectable } from '@nestjs/common';
import { Config } from '../../config.js';
import { Metrics } from '../../metrics.js';
import { contentPolicy } from '../../operation/content-policy.js';
import { GRAPHQL_PATH } from '../http-status.js';
import { CORRELATION_HEADER, POLICY_HEADER, SECURITY_HEADERS } from '../reply-headers.js';
import type { Answer } from './kept-answers.js';
import type { TrustedQuery } from './trusted-query.js';

export const OK = 200;

/** Replies of the lane look and count as those of the general path. */
@Injectable()
export class LaneReplies {
  private readonly origins: ReadonlySet<string>;
  private readonly took;
  private readonly ofAll = Object.entries({
    vary: 'Origin',
    'access-control-expose-headers': CORRELATION_HEADER,
    'content-type': 'application/json; charset=utf-8',
    ...SECURITY_HEADERS,
    [POLICY_HEADER]: contentPolicy(),
    'cache-control': 'no-store',
  }).flat();

  constructor(
    private readonly metrics: Metrics,
    { corsOrigins }: Config,
  ) {
    this.origins = new Set(corsOrigins);
    this.took = metrics.httpRequests.labels({ route: GRAPHQL_PATH, status: OK });
  }

  /** Names and values in turn. */
  headersFor(origin: string | undefined, correlationId: string): readonly string[] {
    const allowed = origin !== undefined && this.origins.has(origin) ? ['access-control-allow-origin', origin] : [];
    return [...this.ofAll, CORRELATION_HEADER, correlationId, ...allowed];
  }

  count({ code }: Answer, { fields }: TrustedQuery, seconds: number): void {
    this.took.observe(seconds);
    this.metrics.laneAnswers.inc();
    for (const field of fields) this.metrics.graphqlOperations.inc({ field, outcome: code ?? 'ok' });
  }
}
