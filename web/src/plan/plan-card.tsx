import type { ReactNode } from 'react';
import type { Plan } from '../customer/catalogue.js';
import { Icon } from '../parts/icons.js';
import { texts } from '../texts.js';
import { priceParts, quotaWords, throttleWords } from './plan-words.js';

interface Props {
  readonly plan: Plan;
  /** What is said at its head; null = nothing. */
  readonly mark: string | null;
  readonly note?: string;
  readonly children: ReactNode;
}

export function PlanCard({ plan, mark, note, children }: Props) {
  const { amount, rest } = priceParts(plan.price);
  const title = `plan-${plan.code}`;
  return (
    <article className={mark === null ? 'card plan' : 'card plan current'} aria-labelledby={title}>
      <header className="card-head">
        <h2 id={title}>{plan.title}</h2>
        {mark !== null && <span className="badge">{mark}</span>}
      </header>
      <p className="price">
        {amount === '' ? (
          <span className="price-rest">{texts.plans.free}</span>
        ) : (
          <>
            <span className="price-amount">{amount}</span> <span className="price-rest">{rest}</span>
          </>
        )}
      </p>
      {plan.description && plan.description !== quotaWords(plan) && <p className="muted">{plan.description}</p>}
      <ul className="features">
        <li>
          <Icon name="good" />
          <span>{quotaWords(plan)}</span>
        </li>
        <li>
          <Icon name="good" />
          <span>{throttleWords(plan)}</span>
        </li>
      </ul>
      {note && <p className="small muted">{note}</p>}
      <div className="plan-action">{children}</div>
    </article>
  );
}
