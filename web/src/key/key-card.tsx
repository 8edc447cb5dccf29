import { useState } from 'react';
import type { Subscription } from '../customer/account.js';
import { useAction } from '../customer/use-action.js';
import { Button } from '../parts/button.js';
import { Card } from '../parts/card.js';
import { CopyButton } from '../parts/copy-button.js';
import { Trouble } from '../parts/trouble.js';
import { useNow } from '../parts/use-now.js';
import { useAccount, usePortal } from '../portal.js';
import { texts } from '../texts.js';

const FRESH_MILLISECONDS = 5 * 60_000;

interface Props {
  readonly subscription: Subscription;
  readonly actions?: React.ReactNode;
}

/** The key, masked until it is wanted. Copying it does not show it. */
export function KeyCard({ subscription: { apiKey, state, suspension }, actions }: Props) {
  const { account } = usePortal();
  const { key } = useAccount();
  const [isShown, setShown] = useState(false);
  const reveal = useAction(() => account.reveal());
  const now = useNow(30_000);
  if (!apiKey) {
    const isBeingStopped = state === 'PROVISIONING' && suspension !== null;
    return (
      <Card title={texts.key.card}>
        <p className="muted">{isBeingStopped ? texts.key.unknown : texts.key.missing[state]}</p>
      </Card>
    );
  }
  const value = isShown && key?.id === apiKey.id ? key.value : null;
  const show = async () => {
    if (await reveal.run()) setShown(true);
  };
  const isFresh = state === 'ACTIVE' && now - Date.parse(apiKey.createdAt) < FRESH_MILLISECONDS;
  return (
    <Card title={texts.key.card} actions={actions}>
      <div className="secret">
        {value !== null ? (
          <code className="secret-value" translate="no">
            {value}
          </code>
        ) : (
          <code className="secret-value" translate="no" role="img" aria-label={texts.key.masked(apiKey.lastFour)}>
            {`${'•'.repeat(18)}${apiKey.lastFour}`}
          </code>
        )}
        <div className="secret-actions">
          {value !== null ? (
            <Button onClick={() => setShown(false)}>{texts.key.hide}</Button>
          ) : (
            <Button isPending={reveal.isPending} onClick={() => void show()}>
              {texts.key.reveal}
            </Button>
          )}
          <CopyButton text={() => account.reveal()} />
        </div>
      </div>
      {reveal.failure && <Trouble failure={reveal.failure} retry={() => void show()} />}
      <p className="small muted">{`${texts.key.made(apiKey.createdAt)}. ${texts.key.secret}`}</p>
      {isFresh && <p className="small muted">{texts.key.fresh}</p>}
    </Card>
  );
}
