import type { Me, Subscription } from '../customer/account.js';
import { useAction } from '../customer/use-action.js';
import { Button } from '../parts/button.js';
import { Notice } from '../parts/notice.js';
import { Trouble } from '../parts/trouble.js';
import { MoreCallsLink, useMoreCalls } from '../plan/more-calls.js';
import { usePortal } from '../portal.js';
import { texts } from '../texts.js';

/** What a customer has to know before all else, on every page of theirs. */
export function Banners({ me }: { me: Me }) {
  const { branding } = usePortal();
  const { subscription, usage } = me;
  const suspension = subscription?.suspension ?? me.suspension;
  const isUsedUp = usage?.remaining === 0 && usage.resetsAt !== null && subscription?.state === 'ACTIVE';
  return (
    <div className="banners">
      {suspension && (
        <Notice
          tone="bad"
          title={texts.suspended.title}
          actions={
            branding.support !== null && (
              <a className="button quiet" href={branding.support}>
                {texts.support}
              </a>
            )
          }
        >
          <p>{texts.suspended[suspension]}</p>
          {subscription?.apiKey && <p>{texts.suspended[subscription.state === 'SUSPENDED' ? 'key' : 'keySoon']}</p>}
          {subscription && me.enabled && <p>{texts.suspended.may}</p>}
          {!me.enabled && <p>{texts.suspended.disabled}</p>}
        </Notice>
      )}
      {subscription && <Unfinished subscription={subscription} />}
      {isUsedUp && usage.resetsAt !== null && <UsedUp resetsAt={usage.resetsAt} plan={subscription.plan} />}
    </div>
  );
}

function UsedUp({ resetsAt, plan }: { resetsAt: string; plan: Subscription['plan'] }) {
  const more = useMoreCalls(plan);
  return (
    <Notice tone="warning" title={texts.usedUp.title} actions={more && <MoreCallsLink {...more} />}>
      <p>{texts.usedUp.text(resetsAt)}</p>
      {more?.isLargerForSale && <p>{texts.usedUp.larger}</p>}
    </Notice>
  );
}

/**
 * The page asks again by itself; the button repeats what was asked for, which does no harm. A suspension that is still
 * to be carried out is nothing that a customer asked for or could finish.
 */
export function Unfinished({ subscription: { state, suspension, planCode, apiKey } }: { subscription: Subscription }) {
  const { account } = usePortal();
  const finish = useAction(() => (state === 'PROVISIONING' ? account.subscribe(planCode) : account.cancel()));
  if (state !== 'ENDING' && (state !== 'PROVISIONING' || suspension !== null)) return null;
  const { title, action } = state === 'PROVISIONING' ? texts.provisioning : texts.ending;
  const text = state === 'ENDING' ? texts.ending.text : texts.provisioning[apiKey ? 'withKey' : 'text'];
  return (
    <>
      <Notice
        tone="info"
        title={title}
        isNews
        actions={
          <Button isPending={finish.isPending} onClick={() => void finish.run()}>
            {action}
          </Button>
        }
      >
        <p>{text}</p>
      </Notice>
      {finish.failure && <Trouble failure={finish.failure} retry={() => void finish.run()} />}
    </>
  );
}
