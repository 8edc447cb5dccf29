import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = readFileSync(`${ROOT}docs/security.md`, 'utf8');
const LEAST_ROWS = 65;

const rows = PAGE.split('\n')
  .filter((line) => /^\| (?!threat |---)/.test(line) && !line.startsWith('|---'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('docs/security.md', () => {
  it('names for each threat an outcome, a test file that is there, and a test that stands in it', () => {
    const wrong = rows.filter(([, threat = '', outcome = '', test = '']) => {
      const [, file = '', title = ''] = /^`([^`]+)`: (.{8,})$/.exec(test) ?? [];
      const isThere = file !== '' && existsSync(`${ROOT}${file}`);
      return threat === '' || outcome === '' || !isThere || !readFileSync(`${ROOT}${file}`, 'utf8').includes(title);
    });
    expect(wrong.map(([, , , test]) => test)).toEqual([]);
  });

  it('has a row for each threat that was thought of', () => {
    expect(rows.length).toBeGreaterThanOrEqual(LEAST_ROWS);
    expect(new Set(rows.map(([, threat]) => threat)).size).toBe(rows.length);
  });
});
