import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { PlanFileError, readPlanFile, writePlanFile } from './plan-file.js';

const example = readFileSync('docs/plans.yaml', 'utf8');

function mistakesIn(text: string): string {
  try {
    readPlanFile(text);
    return '';
  } catch (error) {
    if (error instanceof PlanFileError) return error.mistakes.join('\n');
    throw error;
  }
}

describe('a file of plans', () => {
  it('is read as it was written', () => {
    const plans = readPlanFile(example);
    expect(plans.map(({ code }) => code)).toEqual(['free', 'basic', 'pro']);
    const retired = { ...plans[0], code: 'old', retired: true, quota: null, throttle: null, price: null } as never;
    expect(readPlanFile(writePlanFile([...plans, retired]))).toEqual([...plans, retired]);
  });

  it.each([
    ['no YAML', 'plans: [', /Flow sequence(.|\n)*at line 1/],
    ['nothing', '', /expected object|must be/],
    ['another map', 'free: {}', /plans must be a map from codes to plans(.|\n)*free is not known/],
    ['a word that it does not know', example.replace('order: 2', 'orders: 2'), /plans\.basic\.orders is not known/],
    ['a number out of range', example.replace('limit: 100,', 'limit: 0,'), /plans\.free\.quota\.limit must be a whole/],
    [
      'a limit that is not written',
      example.replace(/quota: .*\n/, '\n'),
      /plans\.free\.quota must be given; null means/,
    ],
    ['a price that no tag holds', example.replace('49 USD', '€49'), /plans\.basic\.price may have letters, digits/],
    ['a code of another form', example.replace('  pro:', '  Pro!:'), /plans\.Pro! is no code/],
    [
      'a stage of another form',
      example.replace('[sandboxapi:v1]', '[v1]'),
      /plans\.free\.stages\[0\] must be <api id>/,
    ],
    ['a plan twice', example.replace('  pro:', '  free:'), /unique/],
  ])('that holds %s is refused, with the place', (_, text, message) => {
    expect(mistakesIn(text)).toMatch(message);
  });
});
