import { useEffect, useState } from 'react';
import type { Subscription } from '../customer/account.js';
import { useAction } from '../customer/use-action.js';
import { Button } from '../parts/button.js';
import { Confirm } from '../parts/confirm.js';
import { Notice } from '../parts/notice.js';
import { useNow } from '../parts/use-now.js';
import { usePortal } from '../portal.js';
import { texts } from '../texts.js';

/** The replaced key, as long as it works: until when, and the way to end it. */
export function Overlap({ subscription: { overlappingKey } }: { subscription: Subscription }) {
  const { account } = usePortal();
  const [isAsked, setAsked] = useState(false);
  const end = useAction(() => (overlappingKey ? account.revoke(overlappingKey.id) : Promise.resolve()));
  const until = overlappingKey?.retiresAt ?? null;
  const now = useNow(until === null ? null : 1000);
  const left = until === null ? null : Date.parse(until) - now;
  const isOver = left !== null && left <= 0;
  useEffect(() => {
    if (isOver) void account.load();
  }, [isOver, account]);
  if (!overlappingKey) return null;
  const { lastFour } = overlappingKey;
  return (
    <>
      <Notice
        tone="info"
        title={texts.key.old}
        actions={<Button onClick={() => setAsked(true)}>{texts.key.endNow}</Button>}
      >
        <p>{until === null ? texts.key.oldOpen(lastFour) : texts.key.oldText(lastFour, until)}</p>
        {left !== null && left > 0 && <p className="countdown">{texts.key.left(left)}</p>}
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
