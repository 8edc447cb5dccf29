import type { Plan } from '../customer/catalogue.js';
import type { Action } from '../customer/use-action.js';
import { Confirm } from '../parts/confirm.js';
import { Trouble } from '../parts/trouble.js';
import { texts } from '../texts.js';
import { Terms } from './terms.js';
import { useOffer } from './use-offer.js';

interface Props {
  readonly chosen: Plan;
  readonly action: Action<[]>;
  readonly close: () => void;
}

/** For a customer without a plan, in whose tab somebody chose one: it may not have been they. */
export function FirstPlanDialog({ chosen, action, close }: Props) {
  const { plan, isAsking, failure, retry } = useOffer(chosen);
  return (
    <Confirm
      isOpen
      close={close}
      title={texts.firstPlan.title(plan.title)}
      action={action}
      isReady={!isAsking && !failure}
      confirm={texts.plans.choose(plan.title)}
    >
      <p>{texts.firstPlan.lead}</p>
      <ul className="points">
        <Terms plan={plan} />
      </ul>
      {failure && <Trouble failure={failure} retry={retry} isPatient />}
    </Confirm>
  );
}
