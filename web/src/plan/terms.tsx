import type { Plan } from '../customer/catalogue.js';
import { texts } from '../texts.js';
import { quotaWords, throttleWords } from './plan-words.js';

/** What a plan costs and gives, as points of a list. */
export function Terms({ plan }: { plan: Plan }) {
  return (
    <>
      <li>{plan.price ?? texts.plans.free}</li>
      <li>{quotaWords(plan)}</li>
      <li>{throttleWords(plan)}</li>
    </>
  );
}
