interface Page<T> {
  readonly items?: readonly T[] | undefined;
  readonly position?: string | undefined;
}

/** The most that API Gateway gives at once. */
export const PAGE_SIZE = 500;

/** All that a list of API Gateway holds, page by page; each page is a call of its own, and one that fails ends the whole. */
export async function allPages<T>(page: (position: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let position: string | undefined;
  do {
    const next = await page(position);
    all.push(...(next.items ?? []));
    position = next.position;
  } while (position);
  return all;
}
