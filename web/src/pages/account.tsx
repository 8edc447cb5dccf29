import { useId, useState } from 'react';
import type { Me } from '../customer/account.js';
import { useAction } from '../customer/use-action.js';
import { Button } from '../parts/button.js';
import { Card } from '../parts/card.js';
import { Confirm } from '../parts/confirm.js';
import { CopyButton } from '../parts/copy-button.js';
import { Notice } from '../parts/notice.js';
import { usePortal } from '../portal.js';
import { texts } from '../texts.js';
import { Banners } from './banners.js';

/** Who is signed in, and the way out: of the session, and of the subscription. */
export function AccountPage({ me }: { me: Me }) {
  const { session } = usePortal();
  const [isCancelling, setCancelling] = useState(false);
  const [isCancelled, setCancelled] = useState(false);
  const { subscription } = me;
  return (
    <div className="page">
      <div className="page-head">
        <h1 tabIndex={-1}>{texts.account.title}</h1>
      </div>
      <Banners me={me} />
      {isCancelled && !subscription && <Notice tone="good" title={texts.cancel.done} isNews />}
      <div className="stack narrow">
        <Card title={texts.account.you}>
          <dl className="facts-list">
            <div>
              <dt>{texts.account.email}</dt>
              <dd>{me.email ?? me.username}</dd>
            </div>
            <div>
              <dt>{texts.account.id}</dt>
              <dd>
                <code>{me.id}</code>
                <CopyButton text={() => me.id} tone="plain" />
              </dd>
            </div>
          </dl>
          <p className="small muted">{texts.account.idText}</p>
          <div className="row">
            <p className="small muted">{texts.account.out}</p>
            <Button onClick={() => void session.signOut()}>{texts.signOut}</Button>
          </div>
        </Card>
        {subscription && me.enabled && (
          <Card title={texts.account.cancel} className="danger-card">
            <div className="row">
              <p className="muted">{texts.account.cancelText}</p>
              <Button tone="danger" onClick={() => setCancelling(true)}>
                {texts.account.cancel}
              </Button>
            </div>
          </Card>
        )}
      </div>
      {isCancelling && (
        <CancelDialog
          plan={subscription?.plan?.title ?? subscription?.planCode ?? ''}
          done={() => setCancelled(true)}
          close={() => setCancelling(false)}
        />
      )}
    </div>
  );
}

function CancelDialog({ plan, done, close }: { plan: string; done: () => void; close: () => void }) {
  const { account } = usePortal();
  const [typed, setTyped] = useState('');
  const field = useId();
  const cancel = useAction(async () => {
    await account.cancel();
    done();
  });
  return (
    <Confirm
      isOpen
      close={close}
      title={texts.cancel.title}
      action={cancel}
      confirm={texts.cancel.confirm}
      keep={texts.cancel.keep}
      tone="danger"
      isReady={typed.trim().toLowerCase() === texts.cancel.word}
    >
      <p>{texts.cancel.lead}</p>
      <ul className="points">
        {texts.cancel.points(plan).map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      <div className="field">
        <label className="field-label" htmlFor={field}>
          {texts.cancel.type(texts.cancel.word)}
        </label>
        <input
          id={field}
          value={typed}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
    </Confirm>
  );
}
