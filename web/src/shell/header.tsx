import type { ReactNode } from 'react';
import { Button } from '../parts/button.js';
import { Icon, type IconName } from '../parts/icons.js';
import { Link } from '../parts/link.js';
import { usePortal } from '../portal.js';
import { type Path, router } from '../router.js';
import { useStore } from '../store.js';
import { texts } from '../texts.js';

const PAGES: readonly { to: Path; name: IconName & keyof typeof texts.nav }[] = [
  { to: '/overview', name: 'overview' },
  { to: '/usage', name: 'usage' },
  { to: '/key', name: 'key' },
  { to: '/plans', name: 'plans' },
  { to: '/account', name: 'account' },
];

export function Header() {
  const { session, settings } = usePortal();
  const { kind } = useStore(session);
  return (
    <header className="header">
      <div className="header-inner">
        <Brand />
        {kind === 'in' && <Navigation />}
        {kind === 'out' && settings.hostedUi !== null && (
          <div className="header-actions">
            <Button tone="plain" onClick={() => void session.signIn()}>
              {texts.signIn}
            </Button>
            <Button tone="strong" onClick={() => void session.signUp()}>
              {texts.signUp}
            </Button>
          </div>
        )}
      </div>
    </header>
  );
}

function Brand() {
  const { name, logo } = usePortal().branding;
  return (
    <Link to="/" className="brand">
      {logo === null ? (
        <span className="brand-mark" aria-hidden="true">
          {[...name][0]?.toUpperCase()}
        </span>
      ) : (
        <img className="brand-logo" src={logo} alt="" />
      )}
      <span className="brand-name">{name}</span>
    </Link>
  );
}

/** Beside the name where there is room; at the foot of a phone. */
function Navigation() {
  const path = useStore(router);
  return (
    <nav className="nav" aria-label={texts.nav.label}>
      {PAGES.map(({ to, name }) => (
        <Link key={to} to={to} className="nav-link" aria-current={path === to ? 'page' : undefined}>
          <Icon name={name} />
          <span>{texts.nav[name]}</span>
        </Link>
      ))}
    </nav>
  );
}

export function Frame({ children }: { children: ReactNode }) {
  return (
    <>
      <a className="skip" href="#content">
        {texts.skip}
      </a>
      <Header />
      <main id="content" className="content">
        {children}
      </main>
    </>
  );
}
