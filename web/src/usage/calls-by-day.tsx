import { Tabs } from '@base-ui/react/tabs';
import { useEffect, useState } from 'react';
import { DailyUsageDocument, type DailyUsageQuery } from '../../operations/customer.js';
import type { Usage } from '../customer/account.js';
import { Failure } from '../customer/failure.js';
import { Card } from '../parts/card.js';
import { Waiting } from '../parts/screen.js';
import { Trouble } from '../parts/trouble.js';
import { usePortal } from '../portal.js';
import { texts } from '../texts.js';
import { daysOf, isoDay, lastThirty, periodDays } from '../words/days.js';
import { UsageChart } from './usage-chart.js';
import { UsageTable } from './usage-table.js';

type Daily = DailyUsageQuery['me']['dailyUsage'];

interface Props {
  readonly usage: Usage;
  /** A quota of a day has one bar only, so the days before are shown as well. */
  readonly isDaily: boolean;
}

/** The days of the period against its limit; of a plan by the day or without quota, the last thirty. */
export function CallsByDay({ usage, isDaily }: Props) {
  const { periodStart, resetsAt, limit, asOf } = usage;
  const isPeriod = periodStart !== null && resetsAt !== null && !isDaily;
  const { from, to } = isPeriod ? periodDays(periodStart, resetsAt) : lastThirty(asOf);
  const { daily, failure, load } = useDaily(isPeriod ? usage.daily : null, from, to);
  const heading = isPeriod ? texts.usage.chart : `${texts.usage.chart}: ${texts.usage.lastThirty.toLowerCase()}`;
  if (failure) {
    return (
      <Card title={heading}>
        <Trouble failure={failure} retry={load} isPatient />
      </Card>
    );
  }
  if (!daily) {
    return (
      <Card title={heading}>
        <Waiting />
      </Card>
    );
  }
  const days = daysOf(from, to, daily);
  const drawn = { days, today: isoDay(asOf) };
  return (
    <Tabs.Root defaultValue={isPeriod ? 'limit' : 'day'}>
      <Card
        title={heading}
        actions={
          <Tabs.List className="tabs" aria-label={texts.usage.chart}>
            {isPeriod && (
              <Tabs.Tab className="tab" value="limit">
                {texts.usage.againstLimit}
              </Tabs.Tab>
            )}
            <Tabs.Tab className="tab" value="day">
              {texts.usage.perDay}
            </Tabs.Tab>
            <Tabs.Tab className="tab" value="table">
              {texts.usage.table}
            </Tabs.Tab>
          </Tabs.List>
        }
      >
        {isPeriod && (
          <Tabs.Panel value="limit">
            <UsageChart {...drawn} isStacked limit={limit} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="day">
          <UsageChart {...drawn} isStacked={false} limit={isDaily ? limit : null} />
        </Tabs.Panel>
        <Tabs.Panel value="table">
          <UsageTable days={days} isPeriod={isPeriod} />
        </Tabs.Panel>
        <p className="small muted">{texts.usage.utc}</p>
      </Card>
    </Tabs.Root>
  );
}

/** `known` as it is; else asked for. */
function useDaily(known: Daily | null, from: string, to: string) {
  const { client } = usePortal();
  const [daily, setDaily] = useState<Daily | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [attempt, setAttempt] = useState(0);
  const isKnown = known !== null;
  useEffect(() => {
    if (isKnown) return;
    let isWanted = true;
    setFailure(null);
    client.ask(DailyUsageDocument, { from, to }).then(
      ({ me }) => isWanted && setDaily(me.dailyUsage),
      (error: unknown) => isWanted && setFailure(Failure.of(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [client, isKnown, from, to, attempt]);
  return { daily: known ?? daily, failure: isKnown ? null : failure, load: () => setAttempt(attempt + 1) };
}
