import { useEffect, useRef } from 'react';
import type { Account } from '../customer/account.js';
import { useVisible } from '../parts/use-visible.js';
import { router } from '../router.js';
import { useStore } from '../store.js';

/** While something is still to be finished; the last one again and again. */
const LOOKS_MILLISECONDS = [2000, 3000, 5000, 8000, 15_000];

/**
 * Asks again each minute while somebody looks at the page, sooner while something is unfinished, and at once for who
 * comes back to it or goes to another of its pages after a longer time. While nobody can see the page no timer runs.
 */
export function useFresh(account: Account, isIn: boolean): void {
  const state = useStore(account);
  const path = useStore(router);
  const isVisible = useVisible();
  const looks = useRef(0);
  const subscription = state.me?.subscription;
  const isUnfinished = subscription?.state === 'PROVISIONING' || subscription?.state === 'ENDING';
  useEffect(() => {
    if (!isUnfinished) looks.current = 0;
    if (!isIn || !isVisible) return;
    const next = LOOKS_MILLISECONDS[Math.min(looks.current, LOOKS_MILLISECONDS.length - 1)] ?? 0;
    const look = () => {
      looks.current += 1;
      void account.load();
    };
    const isHurried = isUnfinished && state.failure === null;
    const timer = setTimeout(look, isHurried ? Math.min(next, account.nextLookIn) : account.nextLookIn);
    return () => clearTimeout(timer);
  }, [account, isIn, isVisible, isUnfinished, state]);
  // A computer that slept, or a browser that saves power, is late with its timers.
  useEffect(() => {
    if (isIn) void account.freshen();
  }, [account, isIn, path]);
}
