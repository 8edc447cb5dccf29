import { describe, expect, it } from '@jest/globals';
import { Clock } from '../../clock.js';
import { Progress } from './progress.js';

class Still extends Clock {
  override now(): Date {
    return new Date(0);
  }
}

function shown(isTTY: boolean): string {
  let text = '';
  const progress = new Progress({ isTTY, write: (more) => (text += more) }, 2, new Still());
  progress.step('~ free', 21.05);
  progress.step('+ team', 0);
  progress.end();
  return text;
}

describe('progress', () => {
  it('is a line for each step where it goes to a log, with the seconds that are left', () => {
    expect(shown(false)).toBe('1 of 2: ~ free, about 22 s left\n2 of 2: + team, in a moment\n');
  });

  it('is one line drawn again on a terminal, which is gone in the end', () => {
    const lines = shown(true).split('\r\u001b[K');
    const [half, none] = ['#'.repeat(12) + '-'.repeat(12), '-'.repeat(24)];
    const drawn = [`[${none}] 1 of 2: ~ free, about 22 s left`, `[${half}] 2 of 2: + team, in a moment`];
    expect(lines).toEqual(['', ...drawn, '']);
  });
});
