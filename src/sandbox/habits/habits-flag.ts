import type { HabitSettings } from './settings.js';

const PRESETS: Readonly<Record<string, Partial<HabitSettings>>> = {
  'aws-limits': { rates: true, serialAttach: true, keyCap: 10_000 },
};

/** Takes `--habits <name>` (or `--habits=<name>`) out of a command line. */
export function habitsFlag(line: readonly string[]): { habits: Partial<HabitSettings>; flags: string[] } {
  const words = line.flatMap((word) => (word.startsWith('--habits=') ? word.split('=', 2) : [word]));
  const at = words.indexOf('--habits');
  if (at < 0) return { habits: {}, flags: words };
  const habits = PRESETS[words[at + 1] ?? ''];
  if (!habits) throw new Error(`--habits takes one of ${Object.keys(PRESETS).join(', ')}.`);
  return { habits, flags: words.toSpliced(at, 2) };
}
