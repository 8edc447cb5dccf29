import { type ReactNode, useEffect, useRef } from 'react';
import type { Me } from './customer/account.js';
import { AccountPage } from './pages/account.js';
import { KeyPage } from './pages/key.js';
import { OverviewPage } from './pages/overview.js';
import { PlansPage } from './pages/plans.js';
import { SignedOutPage } from './pages/signed-out.js';
import { UsagePage } from './pages/usage.js';
import { Waiting } from './parts/screen.js';
import { Trouble } from './parts/trouble.js';
import { useAccount, usePortal } from './portal.js';
import { router } from './router.js';
import { Footer } from './shell/footer.js';
import { Frame } from './shell/header.js';
import { useFresh } from './shell/use-fresh.js';
import { useStore } from './store.js';
import { texts } from './texts.js';

/** Pages that are about somebody. */
const OWN_PAGES: Readonly<Record<string, { title: string; page: (me: Me) => ReactNode }>> = {
  '/overview': { title: texts.nav.overview, page: (me) => <OverviewPage me={me} /> },
  '/usage': { title: texts.nav.usage, page: (me) => <UsagePage me={me} /> },
  '/key': { title: texts.nav.key, page: (me) => <KeyPage me={me} /> },
  '/account': { title: texts.nav.account, page: (me) => <AccountPage me={me} /> },
};

export function App() {
  const { session, account, catalogue } = usePortal();
  const state = useStore(session);
  const path = useStore(router);
  const isIn = state.kind === 'in';
  const isKnown = isIn || state.kind === 'out';
  useEffect(() => {
    if (!isKnown) return;
    void catalogue.freshen();
    if (isIn) void account.load();
    else account.forget();
  }, [isIn, isKnown, account, catalogue]);
  useWayOn(isIn);
  useFresh(account, isIn);
  useArrival(path);
  return (
    <>
      <Frame>
        {isKnown ? <Page path={path} /> : <Waiting words={state.kind === 'leaving' ? texts.leaving : undefined} />}
      </Frame>
      <Footer />
    </>
  );
}

function Page({ path }: { path: string }) {
  const { session, account } = usePortal();
  const state = useStore(session);
  const { me, failure } = useAccount();
  const own = OWN_PAGES[path];
  if (!own) return <PlansPage />;
  if (state.kind === 'out') return <SignedOutPage why={state.why} />;
  if (!me) {
    return failure ? <Trouble failure={failure} retry={() => void account.load()} isPatient isAlone /> : <Waiting />;
  }
  return own.page(me);
}

/** Behind the front door is what one has. */
function useWayOn(isIn: boolean): void {
  const path = useStore(router);
  useEffect(() => {
    if (isIn && path === '/') router.replace('/overview');
  }, [isIn, path]);
}

/** A screen reader hears of the new page, and the tab bears its name. */
function useArrival(path: string): void {
  const { branding } = usePortal();
  const isFirst = useRef(true);
  useEffect(() => {
    const title = OWN_PAGES[path]?.title ?? texts.plans.title;
    document.title = `${title} – ${branding.name}`;
    if (!isFirst.current) document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [path, branding]);
}
