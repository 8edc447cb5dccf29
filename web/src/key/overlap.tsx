import { useEffect, useState } from 'react';
import type { Subscription } from '../customer/account.js';
import { useAction } from '../customer/use-action.js';
import { Button } from '../parts/button.js';
import { Confirm } from '../parts/confirm.js';
import { Notice } from '../parts/notice.js';
import { useNow } from '../parts/use-now.js';
import { useVisible } from '../parts/use-visible.js';
import { usePortal } from '../portal.js';
import { texts } from '../texts.js';

/** After its time, until it is gone: the server may tell of it for a minute, and the browser's clock may be ahead. */
const LOOK_MILLISECONDS = 30_000;
const MOST_LOOKS = 20;

/** The replaced key, as long as it works: until when, and the way to end it. In a suspension it waits for the end of that. */
export function Overlap({ subscription: { overlappingKey, suspension, state } }: { subscription: Subscription }) {
  const { account } = usePortal();
  const [isAsked, setAsked] = useState(false);
  const end = useAction(() => (overlappingKey ? account.revoke(overlappingKey.id) : Promise.resolve()));
  const until = overlappingKey?.retiresAt ?? null;
  const now = useNow(until === null ? null : 1000);
  const left = until === null ? null : Date.parse(until) - now;
  const isOver = left !== null && left <= 0;
  const isVisible = useVisible();
  useEffect(() => {
    if (!isOver || !isVisible) return;
    let looks = 0;
    const look = () => (++looks > MOST_LOOKS ? clearInterval(timer) : void account.load());
    const timer = setInterval(look, LOOK_MILLISECONDS);
    look();
    return () => clearInterval(timer);
  }, [isOver, isVisible, account]);
  if (!overlappingKey) return null;
  const { lastFour } = overlappingKey;
  const isRefused = suspension !== null;
  const refused = state === 'PROVISIONING' ? texts.key.oldRefusedSoon : texts.key.oldRefused;
  return (
    <>
      <Notice
        tone="info"
        title={isOver ? texts.key.over : isRefused ? refused : texts.key.old}
        actions={<Button onClick={() => setAsked(true)}>{texts.key.endNow}</Button>}
      >
        <p>{isRefused && !isOver ? texts.key.oldRefusedText(lastFour, until) : words(lastFour, until, isOver)}</p>
        {left !== null && !isOver && <p className="countdown">{texts.key.left(left)}</p>}
      </Notice>
      <Confirm
        isOpen={isAsked}
        close={() => setAsked(false)}
        title={texts.revoke.title}
        action={end}
        confirm={texts.revoke.confirm}
        tone="danger"
      >
        <p>{texts.revoke.text(lastFour)}</p>
      </Confirm>
    </>
  );
}

function words(lastFour: string, until: string | null, isOver: boolean): string {
  if (isOver) return texts.key.overText(lastFour);
  return until === null ? texts.key.oldOpen(lastFour) : texts.key.oldText(lastFour, until);
}
