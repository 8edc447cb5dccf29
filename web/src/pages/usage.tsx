import type { Me, Subscription } from '../customer/account.js';
import { Notice } from '../parts/notice.js';
import { Waiting } from '../parts/screen.js';
import { Trouble } from '../parts/trouble.js';
import { useAccount, usePortal } from '../portal.js';
import { texts } from '../texts.js';
import { CallsByDay } from '../usage/calls-by-day.js';
import { ForecastWords } from '../usage/forecast-words.js';
import { QuotaMeter } from '../usage/quota-meter.js';
import { count, utcDay } from '../words/moments.js';
import { Banners } from './banners.js';
import { NoPlan } from './no-plan.js';

/** How many calls were made, how many are left, and until when. */
export function UsagePage({ me }: { me: Me }) {
  const { subscription, usage } = me;
  if (!subscription) return <NoPlan me={me} icon="usage" />;
  if (!usage) return <NoUsage me={me} subscription={subscription} />;
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

/** There is a plan, and its calls are not known: not yet, or because the plan itself cannot be found. */
function NoUsage({ me, subscription }: { me: Me; subscription: Subscription }) {
  const { account } = usePortal();
  const { failure } = useAccount();
  return (
    <div className="page">
      <div className="page-head">
        <h1 tabIndex={-1}>{texts.usage.title}</h1>
      </div>
      <Banners me={me} />
      {failure && <Trouble failure={failure} retry={() => void account.load()} isPatient />}
      {!failure && !subscription.plan && !['ENDING', 'PROVISIONING'].includes(subscription.state) && (
        <Notice tone="warning" title={texts.overview.planMissing} />
      )}
      {!failure && subscription.plan && <Waiting />}
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
