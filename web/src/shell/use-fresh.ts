import { useEffect, useRef } from 'react';
import type { Account } from '../customer/account.js';
import { useStore } from '../store.js';

/** But for one's own changes, what Turnpike tells is a minute old or some; asking more often gains nothing. */
const FRESH_MILLISECONDS = 60_000;
/** While something is still to be finished; the last one again and again. */
const LOOKS_MILLISECONDS = [2000, 3000, 5000, 8000, 15_000];

/** Asks again while something is unfinished, and when somebody comes back to the page. */
export function useFresh(account: Account, isIn: boolean): void {
  const state = useStore(account);
  const looks = useRef(0);
  const at = useRef(0);
  const subscription = state.me?.subscription;
  const isUnfinished = subscription?.state === 'PROVISIONING' || subscription?.state === 'ENDING';
  useEffect(() => {
    at.current = Date.now();
    if (!isIn || !isUnfinished) {
      looks.current = 0;
      return;
    }
    const wait = LOOKS_MILLISECONDS[Math.min(looks.current, LOOKS_MILLISECONDS.length - 1)];
    const timer = setTimeout(() => {
      looks.current += 1;
      void account.load();
    }, wait);
    return () => clearTimeout(timer);
  }, [account, isIn, isUnfinished, state]);
  useEffect(() => {
    if (!isIn) return;
    const look = () => {
      if (document.visibilityState === 'visible' && Date.now() - at.current > FRESH_MILLISECONDS) void account.load();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [account, isIn]);
}
