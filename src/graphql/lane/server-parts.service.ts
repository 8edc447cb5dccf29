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
import type { LaneParts } from './trusted-lane.js';

/** The rest of the server, as the lane sees it. */
@Injectable()
export class ServerParts implements LaneParts {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly governor: Governor,
    private readonly readiness: ReadinessService,
    private readonly sources: ReadSources,
    private readonly replies: LaneReplies,
    private readonly clock: Clock,
  ) {}

  recognises(request: CallerRequest): boolean {
    return this.authenticator.recognises(request);
  }

  isOpen(): boolean {
    return !this.readiness.isDraining;
  }

  sourcesFor(caller: Caller, names: readonly SourceName[]): Sources | null {
    return this.sources.of(caller, names);
  }

  within<T>(correlationId: string, work: () => T): T {
    return traced(new RequestTrace(correlationId, this.governor.requestEnd()), work);
  }

  reply(response: ServerResponse, answer: Answer, taken: Taken): void {
    this.replies.send(response, answer, taken);
  }

  now(): number {
    return this.clock.now().getTime();
  }
}
