import type { Usage } from '../customer/account.js';
import { Icon } from '../parts/icons.js';
import { texts } from '../texts.js';
import { isoDay } from '../words/days.js';
import { forecast } from '../words/forecast.js';

/** Where the calls of the period lead, in a sentence. */
export function ForecastWords({ usage }: { usage: Usage }) {
  const { kind, words } = sentence(usage);
  return (
    <p className={`forecast ${kind}`}>
      <Icon name={kind === 'runsOut' || kind === 'usedUp' ? 'warning' : 'clock'} />
      <span>{words}</span>
    </p>
  );
}

function sentence(usage: Usage): { kind: string; words: string } {
  const found = forecast(usage);
  const { resetsAt, limit, asOf } = usage;
  const { kind } = found;
  const resets = resetsAt ?? '';
  if (found.kind === 'runsOut') {
    const isToday = isoDay(found.at.getTime()) === isoDay(asOf);
    return {
      kind,
      words: isToday ? texts.forecast.runsOutToday(found.at) : texts.forecast.runsOut(found.at, resets),
    };
  }
  if (found.kind === 'lasts') return { kind, words: texts.forecast.lasts(found.atReset, limit ?? 0, resets) };
  if (found.kind === 'usedUp') return { kind, words: texts.forecast.usedUp(resets) };
  return { kind, words: texts.forecast[found.kind] };
}
