import { useCallback, useRef, useState } from 'react';
import { Failure } from './failure.js';

export interface Action<A extends readonly unknown[]> {
  /** Answers whether it was done. A second click while the first is on its way does nothing. */
  readonly run: (...input: A) => Promise<boolean>;
  readonly isPending: boolean;
  readonly failure: Failure | null;
  readonly forgive: () => void;
}

/** Something that a button does. */
export function useAction<A extends readonly unknown[]>(work: (...input: A) => Promise<unknown>): Action<A> {
  const [isPending, setPending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const underWay = useRef(false);
  const run = async (...input: A): Promise<boolean> => {
    if (underWay.current) return false;
    underWay.current = true;
    setPending(true);
    setFailure(null);
    try {
      await work(...input);
      return true;
    } catch (error) {
      setFailure(Failure.of(error));
      return false;
    } finally {
      underWay.current = false;
      setPending(false);
    }
  };
  return { run, isPending, failure, forgive: useCallback(() => setFailure(null), []) };
}
