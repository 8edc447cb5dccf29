import { describe, expect, it } from '@jest/globals';
import { asCsv } from './csv.js';

const ASKED = { plan: 'free', from: '2026-11-01', to: '2026-11-30' };

function cellOf(email: string): string {
  const row = { userId: 's', id: 's', user: { username: 'u', email }, keyIds: ['k1', 'k2'], used: 3 };
  const told = { isExact: true, unattributed: 0, daily: [] };
  const [, line = ''] = [...asCsv(ASKED, [{ ...row, ...told } as never])];
  return line.slice('s,u,'.length, -',free,k1 k2,2026-11-01,2026-11-30,3,true,0\r\n'.length);
}

describe('a report as CSV', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    [' =1', "' =1"],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\r\nb', '"a\r\nb"'],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['', ''],
  ])('writes %j as %j', (text, cell) => expect(cellOf(text)).toBe(cell));

  it('has its columns and nothing else where nobody called', () => {
    expect([...asCsv(ASKED, [])]).toEqual([
      'user_id,username,email,plan,key_ids,from,to,used,is_exact,unattributed\r\n',
    ]);
  });
});
