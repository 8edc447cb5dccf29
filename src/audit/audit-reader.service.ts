import { Injectable } from '@nestjs/common';
import { PageInfo } from '../paging.js';
import { BadUserInputError } from '../problem.js';
import { AuditArchive, type KeptEvent, UnknownPositionError } from './archive/audit-archive.js';
import { AuditEvent, AuditEventConnection, type AuditEventsArgs, AuditSource, type AuditState } from './audit.model.js';
import type * as kept from './audit-event.js';

const MOST_AT_ONCE = 100;

/** Reads the trail, for admins: page by page, the newest first. */
@Injectable()
export class AuditReader {
  private readonly source: AuditSource;

  constructor(private readonly archive: AuditArchive) {
    this.source = archive.name === 'file' ? AuditSource.FILE : AuditSource.MEMORY;
  }

  /** @throws BadUserInputError for a page of no or too many events, and for a cursor of another list. */
  async page({ userId = null, first, after = null }: AuditEventsArgs): Promise<AuditEventConnection> {
    if (first < 1 || first > MOST_AT_ONCE) throw new BadUserInputError(`first must be from 1 to ${MOST_AT_ONCE}.`);
    const position = after === null ? null : this.positionIn(after, userId);
    const found = await this.read(position, userId, first + 1);
    const edges = found.slice(0, first).map(({ event, position: at }) => ({
      cursor: this.cursorOf(at, userId),
      node: toModel(event),
    }));
    const pageInfo = new PageInfo(found.length > first, edges.at(-1)?.cursor ?? null);
    return new AuditEventConnection(edges, pageInfo, this.source);
  }

  private async read(position: string | null, userId: string | null, count: number): Promise<KeptEvent[]> {
    const found: KeptEvent[] = [];
    try {
      for await (const each of this.archive.newestFirst(position, userId)) {
        const { target, actor } = each.event;
        if (userId === null || target === userId || actor?.sub === userId) found.push(each);
        if (found.length === count) break;
      }
    } catch (error) {
      throw error instanceof UnknownPositionError ? ofAnotherList() : error;
    }
    return found;
  }

  private cursorOf(position: string, userId: string | null): string {
    return Buffer.from(JSON.stringify(['auditEvents', this.source, userId, position])).toString('base64url');
  }

  private positionIn(cursor: string, userId: string | null): string {
    const text = Buffer.from(cursor, 'base64url').toString();
    const position = /"([^"]*)"\]$/.exec(text)?.[1];
    if (position === undefined || this.cursorOf(position, userId) !== cursor) throw ofAnotherList();
    return position;
  }
}

function ofAnotherList(): BadUserInputError {
  return new BadUserInputError(
    'This cursor is of another list: of another userId, or of another process. Ask again without `after`.',
  );
}

function toModel({ at, actor, target, subject, before, after, ...event }: kept.AuditEvent): AuditEvent {
  return new AuditEvent({
    ...event,
    at: new Date(at),
    actor: actor && { id: actor.sub, username: actor.username, isAdmin: actor.isAdmin },
    targetId: target,
    arguments: Object.entries(subject).map(([name, value]) => ({ name, text: String(value) })),
    before: toState(before),
    after: toState(after),
  });
}

function toState(state: kept.AuditState | null): AuditState | null {
  if (!state) return null;
  const { plan = null, suspension = null, grantedCalls = null, keyId = null, overlappingKeyId = null } = state;
  return { plan, state: state.state ?? null, suspension, grantedCalls, keyId, overlappingKeyId };
}
