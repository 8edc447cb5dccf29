import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['', 'docs', 'docs/decisions'];
const CODE = /^```.*?^```|`[^`\n]*`/gms;
const ELSEWHERE = /^[a-z]+:/;

const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const pages = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

/** As GitHub makes them of headings. */
function anchorsOf(path: string): readonly string[] {
  const headings = textOf(path).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

function leadsSomewhere(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from : join(dirname(from), file);
  if (!existsSync(join(ROOT, path))) return false;
  return anchor === undefined || (statSync(join(ROOT, path)).isFile() && anchorsOf(path).includes(anchor));
}

it('every link from one page to another, or to a file, leads somewhere', () => {
  const links = pages.flatMap((page) =>
    [
      ...textOf(page)
        .replace(CODE, '')
        .matchAll(/\]\(([^)\s]+)\)/g),
    ].map(([, link = '']) => [page, link] as const),
  );
  const inside = links.filter(([, link]) => !ELSEWHERE.test(link));
  expect(inside.length).toBeGreaterThan(50);
  expect(inside.filter(([page, link]) => !leadsSomewhere(page, link))).toEqual([]);
});
