import { useEffect, useState } from 'react';
import { PLANS_FRESH_MILLISECONDS, type Plan } from '../customer/catalogue.js';
import { Failure } from '../customer/failure.js';
import { useAction } from '../customer/use-action.js';
import { Button } from '../parts/button.js';
import { Link } from '../parts/link.js';
import { Notice } from '../parts/notice.js';
import { Waiting } from '../parts/screen.js';
import { Trouble } from '../parts/trouble.js';
import { useVisible } from '../parts/use-visible.js';
import { ChangeDialog } from '../plan/change-dialog.js';
import { FirstPlanDialog } from '../plan/first-plan-dialog.js';
import { PlanCard } from '../plan/plan-card.js';
import { useAccount, usePortal } from '../portal.js';
import { router } from '../router.js';
import { useStore } from '../store.js';
import { texts } from '../texts.js';
import { Unfinished } from './banners.js';

/** A reload may go on after these; after all others the choice is void, or recorded already. */
const MAY_COME_GOOD = ['TRY_AGAIN', 'UNREACHABLE', 'INTERNAL_SERVER_ERROR', 'UNAUTHENTICATED'];

/** What is for sale, for everybody; for a customer with what a change would do. */
export function PlansPage() {
  const { session, catalogue, branding, settings } = usePortal();
  const { plans, failure } = useStore(catalogue);
  const state = useStore(session);
  const isIn = state.kind === 'in';
  const why = state.kind === 'out' ? state.why : null;
  const { me } = useAccount();
  useFreshPlans();
  const { isChoosing, choosing, failed, retry, goingOn, choose, dialog } = useChoice(plans);
  /** Whether they have a plan is not known yet. */
  const isUnknown = isIn && !me;
  const isComing = isUnknown && !failed;
  const own = me?.subscription?.plan ?? null;
  const offered = plans ?? [];
  const isOffered = offered.some(({ code }) => code === own?.code);
  const shown = own && !isOffered ? [own, ...offered] : offered.map((plan) => (plan.code === own?.code ? own : plan));
  return (
    <div className="page">
      <div className={isIn ? 'page-head' : 'hero'}>
        <h1 tabIndex={-1}>{isIn ? texts.plans.title : texts.plans.hero}</h1>
        <p className="lead">{isIn ? texts.plans.lead : (branding.tagline ?? texts.plans.lead)}</p>
      </div>
      {why !== null && (
        <Notice
          tone="info"
          title={texts.signedOut[why].title}
          actions={<Button onClick={() => void session.signIn()}>{texts.signIn}</Button>}
          isNews
        >
          <p>{texts.signedOut[why].text}</p>
        </Notice>
      )}
      {settings.hostedUi === null && <Notice tone="warning" title={texts.notSetUp} />}
      {goingOn && (
        <div className="banner">
          <Notice tone="info" title={texts.plans.goOn(goingOn.title)} isNews />
        </div>
      )}
      {failed && <Trouble failure={failed} retry={retry} />}
      {me?.subscription && !failed && !isChoosing && (
        <div className="banners">
          <Unfinished subscription={me.subscription} />
        </div>
      )}
      {failure && !plans && !failed && <Trouble failure={failure} retry={() => void catalogue.load()} isPatient />}
      {!plans && !failure && <Waiting />}
      {plans && shown.length === 0 && <p className="muted">{texts.plans.none}</p>}
      <div className="plans">
        {shown.map((plan) => {
          const isOwn = plan.code === me?.subscription?.planCode;
          const note = isOwn ? noteOn(plan) : null;
          return (
            <PlanCard
              key={plan.code}
              plan={plan}
              mark={isOwn ? texts.plans.current : null}
              {...(note !== null && { note })}
            >
              {isOwn && (
                <Link to="/account" className="button plain">
                  {texts.plans.manage}
                </Link>
              )}
              {!isOwn && plan.selfService && (
                <Button
                  tone={own || isUnknown ? 'quiet' : 'strong'}
                  isPending={isComing || choosing === plan.code}
                  disabled={(isUnknown && !isComing) || (isChoosing && choosing !== plan.code)}
                  onClick={() => choose(plan)}
                >
                  {choosing === plan.code ? texts.plans.choosing : chooseWords(plan, own !== null, isComing)}
                </Button>
              )}
              {!isOwn && !plan.selfService && branding.support !== null && (
                <a className="button quiet" href={branding.support}>
                  {texts.plans.assigned}
                </a>
              )}
            </PlanCard>
          );
        })}
      </div>
      {!isIn && <Questions />}
      {dialog}
    </div>
  );
}

/** Nobody is to look at the prices of an hour ago. While nobody can see the page no timer runs. */
function useFreshPlans(): void {
  const { catalogue } = usePortal();
  const isVisible = useVisible();
  useEffect(() => {
    if (!isVisible) return;
    void catalogue.freshen();
    const timer = setInterval(() => void catalogue.freshen(), PLANS_FRESH_MILLISECONDS);
    return () => clearInterval(timer);
  }, [catalogue, isVisible]);
}

function chooseWords({ title }: Plan, isChange: boolean, isComing: boolean): string {
  if (isComing) return texts.loading;
  return isChange ? texts.plans.change(title) : texts.plans.choose(title);
}

/** Why one's own plan is not for sale; null = it is. */
function noteOn({ selfService, retired }: Plan): string | null {
  if (!selfService) return texts.plans.given;
  return retired ? texts.plans.notOffered : null;
}

/** A plan that a question is about. */
interface Asked {
  readonly plan: Plan;
  readonly isFirst: boolean;
}

/** From a click to the plan: by way of the sign-in pages, a question, or at once. */
function useChoice(plans: readonly Plan[] | null) {
  const { session, intents, account, catalogue, settings } = usePortal();
  const { me, failure } = useAccount();
  const state = useStore(session);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [choosing, setChoosing] = useState<Plan | null>(null);
  const take = useAction(async (plan: Plan) => {
    try {
      await account.subscribe(plan.code);
      intents.drop();
    } catch (error) {
      if (!MAY_COME_GOOD.includes(Failure.of(error).code)) intents.drop();
      throw error;
    }
  });
  const takeFirst = async (plan: Plan) => {
    const isTaken = await take.run(plan);
    if (isTaken) router.go('/overview');
    return isTaken;
  };
  const first = async (plan: Plan) => {
    setChoosing(plan);
    intents.keep(plan.code, me?.id ?? null); // a reload goes on with it
    await takeFirst(plan);
  };
  const choose = (plan: Plan) => {
    if (state.kind !== 'in') {
      if (settings.hostedUi === null) return;
      intents.keep(plan.code);
      void session.signUp(plan.code);
    } else if (me && !me.subscription) void first(plan);
    else if (me) setAsked({ plan, isFirst: false });
  };
  /** Somebody may have chosen it in this tab and gone away: who did not choose it is asked. */
  const goOn = (plan: Plan, by: string | null) => {
    const isTheirs = by === null ? state.kind === 'in' && state.plan === plan.code : by === me?.id;
    if (isTheirs) choose(plan);
    else setAsked({ plan, isFirst: me?.subscription === null });
  };
  const pending = state.kind === 'in' && me && plans ? intents.pending() : null;
  const meant = plans?.find(({ code }) => code === pending?.plan) ?? null;
  useEffect(() => {
    if (pending === null) return;
    if (meant === null || me?.subscription?.planCode === meant.code) {
      intents.drop();
      if (meant) router.replace('/overview');
    } else goOn(meant, pending.by);
  }, [pending?.plan, meant?.code]);
  // Whoever goes to another page has given it up; leaving for the sign-in pages is not that.
  useEffect(() => () => (['/', '/plans'].includes(router.get()) ? undefined : intents.drop()), [intents]);
  const close = () => {
    intents.drop();
    setAsked(null);
  };
  const dialog =
    asked &&
    me &&
    (asked.isFirst ? (
      <FirstPlanDialog chosen={asked.plan} action={{ ...take, run: () => takeFirst(asked.plan) }} close={close} />
    ) : (
      <ChangeDialog
        from={me.subscription?.plan ?? null}
        chosen={asked.plan}
        usage={me.usage}
        action={{ ...take, run: () => take.run(asked.plan) }}
        close={close}
      />
    ));
  return {
    isChoosing: take.isPending,
    choosing: take.isPending && !asked ? choosing?.code : undefined,
    failed: asked ? null : (take.failure ?? (state.kind === 'in' && !me ? failure : null)),
    retry: () => {
      if (choosing && me) return void first(choosing);
      void account.load();
      if (!plans) void catalogue.load();
    },
    goingOn: take.isPending && !asked ? choosing : null,
    choose,
    dialog,
  };
}

function Questions() {
  return (
    <section className="questions" aria-labelledby="questions">
      <h2 id="questions">{texts.plans.questionsTitle}</h2>
      <div className="question-list">
        {texts.plans.questions.map(({ question, answer }) => (
          <div key={question}>
            <h3>{question}</h3>
            <p className="muted">{answer}</p>
          </div>
        ))}
      </div>
    </section>
  );
}
