import { ServiceFailure } from '../wire.js';

/** How API Gateway refuses, and how it cuts its lists into pages. */

export function badRequest(message: string): ServiceFailure {
  return new ServiceFailure('BadRequestException', message, 400);
}

export function notFound(message: string): ServiceFailure {
  return new ServiceFailure('NotFoundException', message, 404);
}

export function conflict(message: string): ServiceFailure {
  return new ServiceFailure('ConflictException', message, 409);
}

export function limitExceeded(message: string): ServiceFailure {
  return new ServiceFailure('LimitExceededException', message, 429);
}

export function notModelled(what: string): ServiceFailure {
  return new ServiceFailure('NotImplementedException', `${what} not modelled by the sandbox`, 501);
}

/** The two spaces are AWS's own. */
export function invalidPatch(op: string, path: string, allowed: readonly string[]): ServiceFailure {
  const advice = allowed.length > 0 ? `Must be one of: [${allowed.join(', ')}]` : 'Please choose supported operations';
  return badRequest(`Invalid patch path  '${path}' specified for op '${op}'. ${advice}`);
}

export interface PageRequest {
  readonly limit?: number | undefined;
  readonly position?: string | undefined;
}

const DEFAULT_PAGE_SIZE = 25;
const MAX_PAGE_SIZE = 500;

/** One page of a list; `position` is absent on the last one and stays valid while rows come and go. */
export function page<T extends { readonly sequence: number }>(newestFirst: readonly T[], request: PageRequest) {
  const { limit = DEFAULT_PAGE_SIZE, position } = request;
  const size = limit < 1 ? DEFAULT_PAGE_SIZE : Math.min(limit, MAX_PAGE_SIZE);
  const after = position ? sequenceAt(position) : Number.POSITIVE_INFINITY;
  const start = newestFirst.findIndex(({ sequence }) => sequence < after);
  const items = start < 0 ? [] : newestFirst.slice(start, start + size);
  const last = items.at(-1);
  const more = last && start + size < newestFirst.length;
  return more ? { items, position: positionOf(last.sequence) } : { items };
}

/** One page of a list that keeps its order, such as an API's resources by path. */
export function slice<T>(items: readonly T[], { limit = DEFAULT_PAGE_SIZE, position }: PageRequest) {
  const size = limit < 1 ? DEFAULT_PAGE_SIZE : Math.min(limit, MAX_PAGE_SIZE);
  const start = position ? sequenceAt(position) : 0;
  const more = start + size < items.length;
  return { items: items.slice(start, start + size), position: more ? positionOf(start + size) : undefined };
}

function positionOf(sequence: number): string {
  return Buffer.from(`after:${sequence}`).toString('base64url');
}

function sequenceAt(position: string): number {
  const found = /^after:(\d+)$/.exec(Buffer.from(position, 'base64url').toString());
  if (!found) throw badRequest('Invalid position specified');
  return Number(found[1]);
}
