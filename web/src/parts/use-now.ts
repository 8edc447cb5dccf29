import { useEffect, useState } from 'react';

/** The time, which moves on by itself; null = it stands. */
export function useNow(everyMilliseconds: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMilliseconds === null) return;
    const timer = setInterval(() => setNow(Date.now()), everyMilliseconds);
    return () => clearInterval(timer);
  }, [everyMilliseconds]);
  return now;
}
