import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Authenticator } from '../../auth/authenticator.service.js';
import type { Caller } from '../../auth/caller.js';
import type { CallerRequest } from '../../auth/request-of.js';
import { Governor } from '../../aws/governor.js';
import { Clock } from '../../clock.js';
import type { SourceName } from '../../from-sources.decorator.js';
import { ReadinessService } from '../../operation/readiness.service.js';
import { RequestTrace, traced } from '../../request-trace.js';
import { ReadSources, type Sources } from '../../usage/read-sources.service.js';
import type { Answer } from './kept-answers.js';
import { LaneReplies, type Taken } from './lane-replies.js';

/** What the lane shares with the rest of the server. */
@Injectable()
export class ServerParts {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly governor: Governor,
    private readonly readiness: ReadinessService,
    private readonly sources: ReadSources,
    private readonly replies: LaneReplies,
    private readonly clock: Clock,
  ) {}

  /** Whether it can be told without a wait who is calling; the caller is on the request then. */
  recognises(request: CallerRequest): boolean {
    return this.authenticator.recognises(request);
  }

  /** Whether nothing is going on that wants the general path for all. */
  isOpen(): boolean {
    return !this.readiness.isDraining;
  }

  /** What the caller's reads are answered from now; null = one of these is to be read first. */
  sourcesFor(caller: Caller, names: readonly SourceName[]): Sources | null {
    return this.sources.of(caller, names);
  }

  /** Executes as part of a request: its calls to AWS end in time, and are noted for it. */
  within<T>(correlationId: string, work: () => T): T {
    return traced(new RequestTrace(correlationId, this.governor.requestEnd()), work);
  }

  reply(response: ServerResponse, answer: Answer, taken: Taken): void {
    this.replies.send(response, answer, taken, this.readiness);
  }

  /** In milliseconds. */
  now(): number {
    return this.clock.now().getTime();
  }
}
