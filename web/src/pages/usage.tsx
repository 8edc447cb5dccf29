import type { Me } from '../customer/account.js';
import { Link } from '../parts/link.js';
import { Screen } from '../parts/screen.js';
import { texts } from '../texts.js';
import { CallsByDay } from '../usage/calls-by-day.js';
import { ForecastWords } from '../usage/forecast-words.js';
import { QuotaMeter } from '../usage/quota-meter.js';
import { count, utcDay } from '../words/moments.js';
import { Banners } from './banners.js';

/** How many calls were made, how many are left, and until when. */
export function UsagePage({ me }: { me: Me }) {
  const { subscription, usage } = me;
  if (!subscription || !usage) {
    const { title, text, action } = texts.overview.noPlan;
    return (
      <Screen icon="usage" title={title} text={text}>
        <Link to="/plans" className="button strong">
          {action}
        </Link>
      </Screen>
    );
  }
  const { used, limit, remaining, granted, resetsAt, asOf } = usage;
  return (
    <div className="page">
      <div className="page-head">
        <h1 tabIndex={-1}>{texts.usage.title}</h1>
        <p className="lead small">{texts.usage.asOf(asOf)}</p>
      </div>
      <Banners me={me} />
      <div className="stack">
        <section className="card" aria-label={texts.usage.meter}>
          <dl className="numbers">
            <Figure title={texts.usage.used} value={count(used)} note={texts.usage.inPeriod} />
            <Figure
              title={texts.usage.remaining}
              value={remaining === null ? texts.usage.unlimited : count(remaining)}
              note={limit === null ? texts.usage.neverResets : limitNote(limit, granted)}
            />
            {resetsAt !== null && (
              <Figure title={texts.usage.resets} value={utcDay(resetsAt)} note={texts.usage.resetsTime(resetsAt)} />
            )}
          </dl>
          <QuotaMeter used={used} limit={limit} />
          <ForecastWords usage={usage} />
        </section>
        <CallsByDay usage={usage} isDaily={subscription.plan?.quota?.period === 'DAY'} />
      </div>
    </div>
  );
}

function limitNote(limit: number, granted: number): string {
  const all = texts.usage.ofLimit(limit);
  return granted > 0 ? `${all}, ${texts.usage.granted(granted)}` : all;
}

function Figure({ title, value, note }: { title: string; value: string; note: string }) {
  return (
    <div className="number">
      <dt>{title}</dt>
      <dd className="number-value">{value}</dd>
      <dd className="small muted">{note}</dd>
    </div>
  );
}
