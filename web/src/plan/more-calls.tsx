import type { Plan } from '../customer/catalogue.js';
import { Link } from '../parts/link.js';
import { usePortal } from '../portal.js';
import { useStore } from '../store.js';
import { texts } from '../texts.js';
import { isLargerForSale } from '../words/larger.js';

/** The ways to more calls, for whoever has used theirs up. */
export interface MoreCalls {
  readonly isLargerForSale: boolean;
  /** Where to write to instead; null = nowhere. */
  readonly support: string | null;
}

/** `own` is null when it cannot be found. The result is null until it is known what is for sale. */
export function useMoreCalls(own: Plan | null): MoreCalls | null {
  const { catalogue, branding } = usePortal();
  const { plans } = useStore(catalogue);
  return plans && { isLargerForSale: isLargerForSale(plans, own), support: branding.support };
}

export function MoreCallsLink({ isLargerForSale, support }: MoreCalls) {
  if (isLargerForSale) {
    return (
      <Link to="/plans" className="button quiet">
        {texts.usedUp.action}
      </Link>
    );
  }
  return (
    support !== null && (
      <a className="button quiet" href={support}>
        {texts.support}
      </a>
    )
  );
}
