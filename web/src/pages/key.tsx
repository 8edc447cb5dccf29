import { useState } from 'react';
import type { Me } from '../customer/account.js';
import { KeyCard } from '../key/key-card.js';
import { Overlap } from '../key/overlap.js';
import { RotateDialog } from '../key/rotate-dialog.js';
import { SnippetsCard } from '../key/snippets-card.js';
import { TryIt } from '../key/try-it.js';
import { Button } from '../parts/button.js';
import { Link } from '../parts/link.js';
import { Screen } from '../parts/screen.js';
import { usePortal } from '../portal.js';
import { texts } from '../texts.js';
import { Banners } from './banners.js';

/** The key: to see, to replace, to put into a program and to try. */
export function KeyPage({ me }: { me: Me }) {
  const { api } = usePortal().settings;
  const [isReplacing, setReplacing] = useState(false);
  const { subscription } = me;
  if (!subscription) {
    return (
      <Screen icon="key" title={texts.key.none.title} text={texts.key.none.text}>
        <Link to="/plans" className="button strong">
          {texts.overview.noPlan.action}
        </Link>
      </Screen>
    );
  }
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
            <SnippetsCard api={api} subscription={subscription} />
            <TryIt api={api} me={me} />
          </>
        )}
      </div>
      {isReplacing && <RotateDialog subscription={subscription} close={() => setReplacing(false)} />}
    </div>
  );
}
