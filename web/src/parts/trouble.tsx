import { useEffect, useRef } from 'react';
import type { Failure } from '../customer/failure.js';
import { usePortal } from '../portal.js';
import { type FailureWords, texts } from '../texts.js';
import { Button } from './button.js';
import { Notice } from './notice.js';
import { Screen } from './screen.js';
import { useNow } from './use-now.js';

interface Props {
  readonly failure: Failure;
  readonly retry?: () => void;
  /** Where a code means something else than elsewhere. */
  readonly words?: FailureWords;
  /** Tries again by itself when the wait is over. */
  readonly isPatient?: boolean;
  /** There is nothing else to show. */
  readonly isAlone?: boolean;
}

const NOT_BY_REPEATING = [
  'ACCOUNT_SUSPENDED',
  'PLAN_NOT_FOR_SALE',
  'UNKNOWN_PLAN',
  'FORBIDDEN',
  'NO_SUBSCRIPTION',
  'UNKNOWN_KEY',
  'KEY_IN_USE',
];
const ASK_FOR_HELP = ['AT_CAPACITY', 'ACCOUNT_SUSPENDED', 'PLAN_NOT_FOR_SALE', 'FORBIDDEN', 'INTERNAL_SERVER_ERROR'];

/** Why something was not done, what it means, and what to do. */
export function Trouble({ failure, retry, words: own, isPatient = false, isAlone = false }: Props) {
  const { support } = usePortal().branding;
  const words = own?.[failure.code] ?? texts.failures[failure.code] ?? texts.failures.INTERNAL_SERVER_ERROR;
  const wait = useWait(failure);
  useEffect(() => {
    if (isPatient && failure.retryAfterSeconds !== null && wait === 0) retry?.();
  }, [isPatient, failure, wait, retry]);
  const isRepeatable = retry && !NOT_BY_REPEATING.includes(failure.code);
  const isHelped = support !== null && ASK_FOR_HELP.includes(failure.code);
  const tone = failure.code === 'TRY_AGAIN' || failure.code === 'AT_CAPACITY' ? 'warning' : 'bad';
  const actions = (isRepeatable || isHelped) && (
    <>
      {isRepeatable && (
        <Button onClick={wait > 0 ? undefined : retry} aria-disabled={wait > 0 || undefined}>
          {wait > 0 ? texts.tryAgainIn(wait) : texts.tryAgain}
        </Button>
      )}
      {isHelped && (
        <a className="button plain" href={support}>
          {texts.support}
        </a>
      )}
    </>
  );
  const reference = failure.reference && <p className="small">{texts.reference(failure.reference)}</p>;
  if (isAlone) {
    return (
      <div role="alert">
        <Screen icon={wait > 0 ? 'clock' : 'warning'} title={words?.title ?? failure.code} text={words?.text ?? ''}>
          {reference}
          {actions}
        </Screen>
      </div>
    );
  }
  return (
    <Notice tone={tone} title={words?.title ?? failure.code} actions={actions} isNews>
      <p>{words?.text}</p>
      {reference}
    </Notice>
  );
}

/** Seconds until it makes sense to ask again. */
function useWait(failure: Failure): number {
  const since = useRef({ failure, at: Date.now() });
  if (since.current.failure !== failure) since.current = { failure, at: Date.now() };
  const seconds = failure.retryAfterSeconds ?? 0;
  const now = useNow(seconds > 0 ? 1000 : null);
  return Math.max(0, Math.ceil(seconds - (Math.max(now, since.current.at) - since.current.at) / 1000));
}
