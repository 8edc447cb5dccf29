import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('web/', () => {
  it('has operations that are made from schema.gql as it is now', () => {
    const { status, stderr } = spawnSync(process.execPath, ['web/operations/generate.js', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('imports nothing of the server, and the server nothing of it', () => {
    const sources = ['web/src', 'web/operations', 'src'].flatMap((folder) =>
      readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(ts|tsx|js)$/.test(path))
        .map((path) => ({ path: `${folder}/${path}`, text: readFileSync(`${ROOT}${folder}/${path}`, 'utf8') })),
    );
    const across = (path: string) => (path.startsWith('web/') ? /from '(\.\.\/)+src\// : /from '(\.\.\/)+web\//);
    expect(sources.length).toBeGreaterThan(300);
    expect(sources.filter(({ path, text }) => across(path).test(text)).map(({ path }) => path)).toEqual([]);
  });
});
