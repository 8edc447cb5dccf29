import { useState } from 'react';
import type { Me, Subscription, Usage } from '../customer/account.js';
import { KeyCard } from '../key/key-card.js';
import { Overlap } from '../key/overlap.js';
import { TryIt } from '../key/try-it.js';
import { Card } from '../parts/card.js';
import { Link } from '../parts/link.js';
import { Notice } from '../parts/notice.js';
import { useNow } from '../parts/use-now.js';
import { priceParts, quotaWords, throttleWords } from '../plan/plan-words.js';
import { usePortal } from '../portal.js';
import { useStore } from '../store.js';
import { texts } from '../texts.js';
import { ForecastWords } from '../usage/forecast-words.js';
import { QuotaMeter } from '../usage/quota-meter.js';
import { count, utcDay } from '../words/moments.js';
import { Banners } from './banners.js';
import { NoPlan } from './no-plan.js';

/** For so long a key without calls is one to begin with; later it is just not used. */
const NEW_MILLISECONDS = 24 * 3_600_000;

/** Plan, key and calls at a glance; for a new customer the first call. */
export function OverviewPage({ me }: { me: Me }) {
  const { settings } = usePortal();
  const { subscription, usage } = me;
  const isFirstCallDue = isToBegin(subscription, useNow(null)) && !usage?.used;
  const [wasNew, setWasNew] = useState(isFirstCallDue);
  if (isFirstCallDue && !wasNew) setWasNew(true); // and so it stays: what the first call answered is not taken away
  if (!subscription) return <NoPlan me={me} icon="plans" />;
  const isNew = wasNew && subscription.apiKey !== null;
  return (
    <div className="page">
      <div className="page-head">
        <h1 tabIndex={-1}>{isNew ? texts.overview.welcome : texts.overview.title}</h1>
        {isNew && <p className="lead">{settings.api ? texts.overview.welcomeToTry : texts.overview.welcomeText}</p>}
      </div>
      <Banners me={me} />
      <div className="columns">
        <div className="stack">
          {isNew && <KeyCard subscription={subscription} />}
          {isNew && settings.api && <TryIt api={settings.api} me={me} />}
          {!isNew && <CallsCard subscription={subscription} usage={usage} />}
          {!isNew && (
            <KeyCard
              subscription={subscription}
              actions={
                <Link to="/key" className="more">
                  {texts.overview.manageKey}
                </Link>
              }
            />
          )}
          <Overlap subscription={subscription} />
        </div>
        <div className="stack">
          <PlanSummary subscription={subscription} />
          {isNew && <CallsCard subscription={subscription} usage={usage} />}
        </div>
      </div>
    </div>
  );
}

function isToBegin(subscription: Subscription | null, now: number): boolean {
  if (subscription?.state !== 'ACTIVE' || subscription.apiKey === null) return false;
  return now - Date.parse(subscription.apiKey.createdAt) < NEW_MILLISECONDS;
}

function PlanSummary({ subscription: { plan: known, planCode, state } }: { subscription: Subscription }) {
  const { plans } = useStore(usePortal().catalogue);
  const isUnderWay = state === 'PROVISIONING'; // and what a change leads to is told later
  const plan = known ?? (isUnderWay ? (plans?.find(({ code }) => code === planCode) ?? null) : null);
  const { amount, rest } = priceParts(plan?.price ?? null);
  return (
    <Card
      title={texts.overview.plan}
      actions={<span className={`badge ${state.toLowerCase()}`}>{texts.state[state]}</span>}
    >
      <p className="plan-name">{plan?.title ?? planCode}</p>
      {!plan && !isUnderWay && <Notice tone="warning" title={texts.overview.planMissing} />}
      {plan && (
        <>
          {amount !== '' && (
            <p className="price small-price">
              <span className="price-amount">{amount}</span> <span className="price-rest">{rest}</span>
            </p>
          )}
          <ul className="facts">
            <li>{quotaWords(plan)}</li>
            <li>{throttleWords(plan)}</li>
          </ul>
        </>
      )}
      <Link to="/plans" className="button quiet wide">
        {texts.overview.changePlan}
      </Link>
    </Card>
  );
}

function CallsCard({ subscription, usage }: { subscription: Subscription; usage: Usage | null }) {
  if (!usage || (!subscription.plan && usage.used === 0)) return null;
  const { used, limit, remaining, resetsAt, asOf } = usage;
  return (
    <Card
      title={texts.overview.calls}
      actions={
        <Link to="/usage" className="more">
          {texts.overview.allUsage}
        </Link>
      }
    >
      <p className="figure">
        <span className="figure-number">{count(used)}</span>
        <span className="figure-rest">{limit === null ? texts.usage.unlimited : texts.usage.ofLimit(limit)}</span>
      </p>
      <QuotaMeter used={used} limit={limit} />
      {remaining !== null && resetsAt !== null && (
        <p className="meter-ends small muted">
          <span>{`${texts.usage.remaining} ${count(remaining)}`}</span>
          <span>{`${texts.usage.resets} ${utcDay(resetsAt)}`}</span>
        </p>
      )}
      <ForecastWords usage={usage} />
      <p className="small muted">{texts.usage.asOf(asOf)}</p>
    </Card>
  );
}
