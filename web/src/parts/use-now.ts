import { useEffect, useState } from 'react';
import { useVisible } from './use-visible.js';

/** The time, which moves on by itself while somebody sees it; null = it stands. */
export function useNow(everyMilliseconds: number | null): number {
  const isVisible = useVisible();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMilliseconds === null || !isVisible) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMilliseconds);
    return () => clearInterval(timer);
  }, [everyMilliseconds, isVisible]);
  return now;
}
