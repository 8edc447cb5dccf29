import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';

const NAMES = fileURLToPath(new URL('../../infra/bundle/names.js', import.meta.url));
const { withoutNeedlessNames }: { withoutNeedlessNames(code: string): string } = await import(NAMES);

/** Functions by what the code calls them at its end, and how often a name was given. */
function namesIn(code: string): { readonly names: readonly string[]; readonly given: number } {
  const start = `let given = 0; const __name = (target, value) => {
    given += 1;
    return Object.defineProperty(target, 'name', { value, configurable: true });
  };`;
  return runInNewContext(
    `${start}${code}; ({ names: JSON.parse(JSON.stringify(made.map(({ name }) => name))), given })`,
  );
}

describe('names in a bundle', () => {
  it.each([
    ['a function', 'function act(){}__name(act,"act");const made=[act]'],
    ['an arrow function', 'const act=__name(()=>1,"act");const made=[act]'],
    ['a function without a name', 'var act=__name(function(){return 1},"act");const made=[act]'],
    ['a member of an object', 'const one={act:__name(async()=>1,"act")};const made=[one.act]'],
    ['a parameter', 'function of(act=__name(()=>1,"act")){return act}const made=[of()]'],
    ['what is assigned', 'let act;act=__name(x=>x,"act");const made=[act]'],
    ['a class', 'class Act{static{__name(this,"Act")}}const made=[Act]'],
    ['a class that is given to a name', 'let Act=class{static{__name(this,"Act")}};const made=[Act]'],
    [
      'one within another',
      'const act=__name(()=>{const within=__name(()=>1,"within");return within},"act");const made=[act,act()]',
    ],
  ])('are not given to %s, which has it anyway', (_, code) => {
    const before = namesIn(code);
    const after = namesIn(withoutNeedlessNames(code));
    expect(after.names).toEqual(before.names);
    expect([before.given > 0, after.given]).toEqual([true, 0]);
  });

  it.each([
    ['a function', 'function act2(){}__name(act2,"act");const made=[act2]'],
    ['an arrow function', 'const act2=__name(()=>1,"act");const made=[act2]'],
    ['a class', 'let Act=class Act2{static{__name(this,"Act")}};const made=[Act]'],
    [
      'a function whose name is a string of another place',
      'const one={};one.act=__name(()=>1,"act");const made=[one.act]',
    ],
    ['an element of a list', 'const made=[__name(()=>1,"act")]'],
    ['a function that is called at once', 'const made=[__name(function(){return this.value},"act").bind({value:1})]'],
  ])('are given to %s that was renamed, or would have none', (_, code) => {
    const after = withoutNeedlessNames(code);
    expect(after).toBe(code);
    expect(namesIn(after).names[0]).toMatch(/^(bound )?[aA]ct$/);
  });
});
