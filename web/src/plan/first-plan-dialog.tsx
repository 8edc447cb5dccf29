import type { Plan } from '../customer/catalogue.js';
import type { Action } from '../customer/use-action.js';
import { Confirm } from '../parts/confirm.js';
import { texts } from '../texts.js';
import { quotaWords, throttleWords } from './plan-words.js';

interface Props {
  readonly plan: Plan;
  readonly action: Action<[]>;
  readonly close: () => void;
}

/** For a customer without a plan, in whose tab somebody chose one: it may not have been they. */
export function FirstPlanDialog({ plan, action, close }: Props) {
  return (
    <Confirm
      isOpen
      close={close}
      title={texts.firstPlan.title(plan.title)}
      action={action}
      confirm={texts.plans.choose(plan.title)}
    >
      <p>{texts.firstPlan.lead}</p>
      <ul className="points">
        <li>{plan.price ?? texts.plans.free}</li>
        <li>{quotaWords(plan)}</li>
        <li>{throttleWords(plan)}</li>
      </ul>
    </Confirm>
  );
}
