import { useEffect, useState } from 'react';
import { DailyUsageDocument } from '../../operations/customer.js';
import type { Usage } from '../customer/account.js';
import type { Plan } from '../customer/catalogue.js';
import { usePortal } from '../portal.js';
import type { Used } from '../words/consequences.js';
import { currentPeriod } from '../words/periods.js';

export interface Counted {
  /** Null = still being asked for, or nobody can say. */
  readonly used: Used | null;
  readonly isAsking: boolean;
  /** When the period ends; null = the plan has no quota. */
  readonly resetsAt: string | null;
}

/** What of the calls made counts on a plan that one may change to: those of its period, which may not be that of one's own. */
export function useCounted(from: Plan | null, to: Plan, usage: Usage | null): Counted {
  const { client } = usePortal();
  const [now] = useState(Date.now);
  const [asked, setAsked] = useState<Used | 'unknown' | null>(null);
  const known = usage !== null && from?.quota?.period === to.quota?.period ? usage : null;
  const period = to.quota && currentPeriod(to.quota.period, now);
  const [first, last] = known || !period ? [] : [period.from, period.to];
  useEffect(() => {
    if (first === undefined || last === undefined) return;
    let isWanted = true;
    client.ask(DailyUsageDocument, { from: first, to: last }).then(
      // Calls are granted for one period; of another one they are not.
      ({ me }) => isWanted && setAsked({ used: me.dailyUsage.reduce((sum, { used }) => sum + used, 0), granted: 0 }),
      () => isWanted && setAsked('unknown'),
    );
    return () => {
      isWanted = false;
    };
  }, [client, first, last]);
  const isAsking = first !== undefined && asked === null;
  const used = known ?? (asked === 'unknown' ? null : asked);
  return { used, isAsking, resetsAt: known?.resetsAt ?? period?.resetsAt ?? null };
}
