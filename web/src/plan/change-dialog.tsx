import type { Usage } from '../customer/account.js';
import type { Plan } from '../customer/catalogue.js';
import type { Action } from '../customer/use-action.js';
import { Confirm } from '../parts/confirm.js';
import { Notice } from '../parts/notice.js';
import { Trouble } from '../parts/trouble.js';
import { texts } from '../texts.js';
import { consequences } from '../words/consequences.js';
import { quotaWords, throttleWords } from './plan-words.js';
import { Terms } from './terms.js';
import { useCounted } from './use-counted.js';
import { useOffer } from './use-offer.js';

interface Props {
  /** Null = it cannot be found. */
  readonly from: Plan | null;
  readonly chosen: Plan;
  readonly usage: Usage | null;
  readonly action: Action<[]>;
  readonly close: () => void;
}

/** What a change of plan does, said before the click. */
export function ChangeDialog({ from, chosen, usage, action, close }: Props) {
  const { plan: to, isAsking, failure, retry } = useOffer(chosen);
  const { used: counted, isAsking: isCounting, resetsAt } = useCounted(from, to, usage);
  const { price, quota, throttle, left } = consequences(from, to, counted);
  const isNothingLeft = left === 0 && counted !== null && to.quota !== null && resetsAt !== null;
  return (
    <Confirm
      isOpen
      close={close}
      title={texts.change.title(to.title)}
      action={action}
      isReady={!isAsking && !isCounting && !failure}
      confirm={isNothingLeft ? texts.change.anyway(to.title) : texts.change.confirm(to.title)}
    >
      <p>{texts.change.lead}</p>
      <ul className="points">
        {!from && <Terms plan={to} />}
        {price && <li>{texts.change.price(price.from, price.to)}</li>}
        {quota && <li>{texts.change.quota(quotaWords({ quota: quota.from }), quotaWords({ quota: quota.to }))}</li>}
        {throttle && (
          <li>
            {texts.change.throttle(
              throttleWords({ throttle: throttle.from }),
              throttleWords({ throttle: throttle.to }),
            )}
          </li>
        )}
        {from && !price && !quota && !throttle && <li>{texts.change.same}</li>}
        <li>{texts.change.key}</li>
        {to.quota && <li>{texts.change.counted}</li>}
        {left !== null && left > 0 && resetsAt !== null && <li>{texts.change.left(left, resetsAt)}</li>}
      </ul>
      {isCounting && <p className="small muted">{texts.change.counting}</p>}
      {to.quota && !isCounting && counted === null && resetsAt !== null && (
        <Notice tone="warning" title={texts.change.unknownLeft(to.quota.limit, resetsAt)} />
      )}
      {isNothingLeft && (
        <Notice
          tone="warning"
          title={texts.change.nothingLeft(counted.used, (to.quota?.limit ?? 0) + counted.granted, resetsAt)}
        />
      )}
      {failure && <Trouble failure={failure} retry={retry} isPatient />}
    </Confirm>
  );
}
