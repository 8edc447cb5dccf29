import { describe, expect, it } from '@jest/globals';
import { type Answer, AnswerRoom } from './kept-answers.js';

const SOURCES = [{}];
const MEGABYTES_OF_TEXT = 16; // of the 32: a character may take two bytes

function answer(characters: number): Answer {
  return { text: 'a'.repeat(characters), length: String(characters), encoding: 'latin1', error: null, hasData: true };
}

describe('the room for kept answers', () => {
  it('gives an answer again to that query, that customer and what it was made from only', () => {
    const room = new AnswerRoom();
    const [one, other] = [room.shelf(['plans']), room.shelf(['plans'])];
    one.put('ada', SOURCES, answer(10));
    expect(one.get('ada', SOURCES)).toEqual(answer(10));
    expect([one.get('bob', SOURCES), one.get('ada', [{}]), other.get('ada', SOURCES)]).toEqual([null, null, null]);
  });

  it('takes no more for many queries of many customers than it has, and throws out what was read longest ago', () => {
    const room = new AnswerRoom();
    const shelves = Array.from({ length: 100 }, () => room.shelf(['plans']));
    const subs = Array.from({ length: 100 }, (_, index) => `sub-${index}`);
    for (const shelf of shelves) for (const sub of subs) shelf.put(sub, SOURCES, answer(10_000));
    const kept = shelves.flatMap((shelf) => subs.filter((sub) => shelf.get(sub, SOURCES)));
    expect(kept.length).toBeGreaterThan(1000);
    expect(kept.length * 10_000).toBeLessThanOrEqual(MEGABYTES_OF_TEXT * 2 ** 20);
    expect(shelves[0]?.get('sub-0', SOURCES)).toBeNull();
    expect(shelves[99]?.get('sub-99', SOURCES)).not.toBeNull();
  });

  it('keeps nothing that is very long', () => {
    const shelf = new AnswerRoom().shelf(['plans']);
    shelf.put('ada', SOURCES, answer(20_000));
    expect(shelf.get('ada', SOURCES)).toBeNull();
  });
});
