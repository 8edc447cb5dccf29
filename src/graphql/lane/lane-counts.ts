import { Injectable } from '@nestjs/common';
import { Metrics } from '../../metrics.js';
import { GRAPHQL_PATH } from '../http-status.js';

const MOST_PENDING = 1000;

/** One reply of the lane. */
export interface Counted {
  readonly fields: readonly string[];
  readonly status: number;
  /** `ok`, or the code of an error. */
  readonly outcome: string;
  readonly seconds: number;
}

/**
 * Counts replies of the lane as others are counted, many at once: a single one takes as long as all else that the lane
 * does for a reply. Whoever looks at the metrics has those counted that were sent before.
 */
@Injectable()
export class LaneCounts {
  private pending: Counted[] = [];

  constructor(private readonly metrics: Metrics) {
    metrics.onScrape(() => this.count());
  }

  add(reply: Counted): void {
    if (this.pending.push(reply) >= MOST_PENDING) this.count();
  }

  /** For whoever looks now. */
  count(): void {
    const { httpRequests, laneAnswers, graphqlOperations } = this.metrics;
    const replies = this.pending;
    this.pending = [];
    laneAnswers.inc(replies.length);
    for (const { fields, status, outcome, seconds } of replies) {
      httpRequests.observe({ route: GRAPHQL_PATH, status }, seconds);
      for (const field of fields) graphqlOperations.inc({ field, outcome });
    }
  }
}
