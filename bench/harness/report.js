import { REFERENCE } from '../contestants/list.js';
import { SLICES } from './slices.js';
import { spread } from './statistics.js';

/*
 * Medians over the rounds, and ratios to the reference of the same round, with the least and the most of them. A ratio of
 * requests is better when it is larger, one of time or CPU when it is smaller.
 */

const NONE = '–';

const digits = (value) => (value >= 100 ? 0 : value >= 10 ? 1 : 2);
const figure = (value) => (value === null || !Number.isFinite(value) ? NONE : value.toFixed(digits(value)));
const middle = (numbers) => figure(spread(numbers).median);

function ranged(numbers) {
  const { median, least, most } = spread(numbers);
  return median === null ? NONE : `${figure(median)} (${figure(least)}–${figure(most)})`;
}

/** The table of a slice, as Markdown that can be read as it is. */
export function sliceTable(name, results) {
  const { title, isStart, asksAws } = SLICES[name];
  const reference = results.find(({ contestant }) => contestant.name === REFERENCE)?.rounds;
  const ratios = (rounds, member) =>
    rounds.map((one, index) => one[member] / (reference?.[index]?.[member] ?? Number.NaN));
  const of = (rounds, member) => rounds.map((one) => one[member]);
  const columns = isStart
    ? {
        '× start': (rounds) => ranged(ratios(rounds, 'milliseconds')),
        '× CPU': (rounds) => ranged(ratios(rounds, 'cpuMilliseconds')),
        'start ms': (rounds) => ranged(of(rounds, 'milliseconds')),
        'CPU ms': (rounds) => ranged(of(rounds, 'cpuMilliseconds')),
        'RSS MB': (rounds) => middle(of(rounds, 'megabytes')),
      }
    : {
        '× req/s': (rounds) => ranged(ratios(rounds, 'perSecond')),
        '× CPU': (rounds) => ranged(ratios(rounds, 'cpuPerRequest')),
        '× p99': (rounds) => middle(ratios(rounds, 'p99')),
        'req/s': (rounds) => middle(of(rounds, 'perSecond')),
        'CPU µs/req': (rounds) => ranged(of(rounds, 'cpuPerRequest')),
        'p50 ms': (rounds) => middle(of(rounds, 'p50')),
        'p99 ms': (rounds) => middle(of(rounds, 'p99')),
        'RSS MB': (rounds) => middle(of(rounds, 'megabytes')),
        ...(asksAws && { 'AWS calls/req': (rounds) => middle(of(rounds, 'awsCallsPerRequest')) }),
      };
  const rows = results.map(({ contestant, rounds }) => [
    contestant.title,
    ...Object.values(columns).map((column) => column(rounds)),
  ]);
  return [`### ${title}`, '', ...table(['contestant', ...Object.keys(columns)], rows), '', disturbance(results)].join(
    '\n',
  );
}

/** How much was repeated, and what stayed noisy: a reader should know. */
function disturbance(results) {
  const all = results.flatMap(({ rounds }) => rounds);
  const again = all.reduce((sum, { tries }) => sum + tries - 1, 0);
  const noisy = all.filter(({ isNoisy }) => isNoisy).length;
  return `${all.length} slices, ${again} repeated, ${noisy} noisy all the same.`;
}

function table(heads, rows) {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(heads), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)];
}
