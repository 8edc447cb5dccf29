import { createHash } from 'node:crypto';
import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { BadUserInputError } from './problem.js';

const MAX_FIRST = 100;

/** Where in a sorted list an item stands: what it is sorted by, most significant first. */
export type Position = readonly (string | number)[];

export interface Edge<T> {
  readonly cursor: string;
  readonly node: T;
}

export interface Page<T> {
  readonly edges: readonly Edge<T>[];
  readonly pageInfo: PageInfo;
  readonly totalCount: number;
}

@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 20, description: `How many at most: 1 to ${MAX_FIRST}.` })
  readonly first!: number;

  @Field(() => String, {
    nullable: true,
    description: '`endCursor` of the page before; leave it out for the first page.',
  })
  readonly after!: string | null;
}

@ObjectType({ description: 'Whether there is more, and where it begins.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether another page follows.' })
  readonly hasNextPage: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'What `after` takes for the next page; null = the page is empty.',
  })
  readonly endCursor: string | null;

  constructor(hasNextPage: boolean, endCursor: string | null) {
    this.hasNextPage = hasNextPage;
    this.endCursor = endCursor;
  }
}

/**
 * One page of a list. `list` names the list with all that was filtered by: a cursor is good for that list alone, and stays
 * good while items come and go, because it holds a position and no number.
 * @throws BadUserInputError for a `first` out of range and a cursor of another list.
 */
export function pageOf<T>(
  list: string,
  items: readonly T[],
  positionOf: (item: T) => Position,
  { first, after }: PageArgs,
): Page<T> {
  if (first < 1 || first > MAX_FIRST) throw new BadUserInputError(`first must be from 1 to ${MAX_FIRST}.`);
  const beyond = after ? positionIn(list, after) : null;
  const placed = items
    .map((node) => ({ node, position: positionOf(node) }))
    .sort((a, b) => compare(a.position, b.position))
    .filter(({ position }) => beyond === null || compare(position, beyond) > 0);
  const edges = placed.slice(0, first).map(({ node, position }) => ({ node, cursor: cursorOf(list, position) }));
  const pageInfo = new PageInfo(placed.length > edges.length, edges.at(-1)?.cursor ?? null);
  return { edges, pageInfo, totalCount: items.length };
}

function compare(a: Position, b: Position): number {
  for (const [index, one] of a.entries()) {
    const other = b[index] ?? '';
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

function cursorOf(list: string, position: Position): string {
  return Buffer.from(JSON.stringify([digest(list), ...position])).toString('base64url');
}

function positionIn(list: string, cursor: string): Position {
  const parts = partsOf(cursor);
  if (!parts || parts[0] !== digest(list)) {
    throw new BadUserInputError('`after` must be the endCursor of this very list, asked for with the same arguments.');
  }
  return parts.slice(1);
}

function partsOf(cursor: string): Position | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const isPosition = Array.isArray(parts) && parts.every((part) => ['string', 'number'].includes(typeof part));
    return isPosition ? parts : null;
  } catch {
    return null;
  }
}

function digest(list: string): string {
  return createHash('sha256').update(list).digest('base64url').slice(0, 8);
}
