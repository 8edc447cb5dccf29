import { parseArgs } from 'node:util';
import { SLICES } from './slices.js';

/** What `npm run bench -- …` was told. */
export function optionsFrom(line) {
  const { values } = parseArgs({
    args: line,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      contestants: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      noise: { type: 'string', default: '5' },
      port: { type: 'string', default: '5100' },
    },
  });
  const { quick } = values;
  const slices = values.only?.split(',') ?? Object.keys(SLICES);
  const unknown = slices.filter((name) => !Object.hasOwn(SLICES, name));
  if (unknown.length > 0)
    throw new Error(`No such slice: ${unknown.join(', ')}. There are ${Object.keys(SLICES).join(', ')}.`);
  return {
    slices: Object.keys(SLICES).filter((name) => slices.includes(name)), // in their order: the last one changes the data
    names: values.contestants?.split(',') ?? null,
    rounds: number(values.rounds, quick ? 1 : 5),
    seconds: number(values.seconds, quick ? 2 : 5),
    /** Each contestant is warmed up until it gets no faster, at most for so long. */
    warmUpSeconds: quick ? 10 : 30,
    /** How many tokens that nobody has seen each turn of `cold` takes. */
    coldTokens: quick ? 2000 : 6000,
    /** How many times a slice is repeated, in all, because it was disturbed. */
    repeats: quick ? 0 : 3,
    /** The share of the machine, in per cent, that others may use during a slice. */
    noisePercent: number(values.noise, 5),
    firstPort: number(values.port, 5100),
    /** A run of everything; only such a one is written down. */
    isWhole: !quick && !values.only && !values.contestants,
  };
}

function number(text, fallback) {
  const value = text === undefined ? fallback : Number(text);
  if (!(value >= 0)) throw new Error(`${text} is not a number.`);
  return value;
}
