import { useState } from 'react';
import type { Me } from '../customer/account.js';
import { KeyCard } from '../key/key-card.js';
import { Overlap } from '../key/overlap.js';
import { RotateDialog } from '../key/rotate-dialog.js';
import { SnippetsCard } from '../key/snippets-card.js';
import { TryIt } from '../key/try-it.js';
import { Button } from '../parts/button.js';
import { usePortal } from '../portal.js';
import { texts } from '../texts.js';
import { Banners } from './banners.js';
import { NoPlan } from './no-plan.js';

/** The key: to see, to replace, to put into a program and to try. */
export function KeyPage({ me }: { me: Me }) {
  const { api } = usePortal().settings;
  const [isReplacing, setReplacing] = useState(false);
  const { subscription } = me;
  if (!subscription) return <NoPlan me={me} icon="key" {...texts.key.none} />;
  const isReplaceable = subscription.apiKey !== null && subscription.suspension === null;
  return (
    <div className="page">
      <div className="page-head">
        <h1 tabIndex={-1}>{texts.key.title}</h1>
      </div>
      <Banners me={me} />
      <div className="stack">
        <KeyCard
          subscription={subscription}
          actions={isReplaceable && <Button onClick={() => setReplacing(true)}>{texts.key.replace}</Button>}
        />
        <Overlap subscription={subscription} />
        {api && subscription.apiKey && (
          <>
            <SnippetsCard api={api} />
            <TryIt api={api} me={me} />
          </>
        )}
      </div>
      {isReplacing && <RotateDialog subscription={subscription} close={() => setReplacing(false)} />}
    </div>
  );
}
