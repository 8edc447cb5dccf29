import { useEffect, useState } from 'react';
import type { Plan } from '../customer/catalogue.js';
import type { Failure } from '../customer/failure.js';
import { usePortal } from '../portal.js';
import { useStore } from '../store.js';

export interface Offer {
  readonly plan: Plan;
  readonly isAsking: boolean;
  /** Why nobody can say what the plan costs and gives by now. */
  readonly failure: Failure | null;
  readonly retry: () => void;
}

/** A plan at its terms of now: the page that it was chosen on may be older than they are. */
export function useOffer(chosen: Plan): Offer {
  const { catalogue } = usePortal();
  const { plans, failure } = useStore(catalogue);
  const [isAsking, setAsking] = useState(true);
  const ask = async () => {
    setAsking(true);
    await catalogue.load();
    setAsking(false);
  };
  useEffect(() => void ask(), [catalogue, chosen.code]);
  const plan = plans?.find(({ code }) => code === chosen.code) ?? chosen;
  return { plan, isAsking, failure: isAsking ? null : failure, retry: () => void ask() };
}
