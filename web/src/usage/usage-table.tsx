import { texts } from '../texts.js';
import type { Day } from '../words/days.js';
import { count, utcDay } from '../words/moments.js';

export function UsageTable({ days, isPeriod }: { days: readonly Day[]; isPeriod: boolean }) {
  const withCalls = days.filter(({ used }) => used > 0);
  if (withCalls.length === 0) return <p className="muted">{texts.usage.empty}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="table-place" aria-label={texts.usage.chart} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.usage.day}</th>
            <th scope="col">{texts.usage.calls}</th>
            {isPeriod && <th scope="col">{texts.usage.soFar}</th>}
          </tr>
        </thead>
        <tbody>
          {withCalls.map(({ date, used, soFar }) => (
            <tr key={date}>
              <th scope="row">{utcDay(date)}</th>
              <td>{count(used)}</td>
              {isPeriod && <td>{count(soFar)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
