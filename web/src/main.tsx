import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/pages.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { Account } from './customer/account.js';
import { Catalogue } from './customer/catalogue.js';
import { Client } from './customer/client.js';
import { OtherTabs } from './customer/other-tabs.js';
import { loadBranding, wear } from './deployment/branding.js';
import { loadSettings } from './deployment/settings.js';
import { keptInTab } from './kept.js';
import { type Portal, PortalContext } from './portal.js';
import { router } from './router.js';
import { chosenAppearance, wearAppearance } from './shell/appearance.js';
import { Broken } from './shell/broken.js';
import { ErrorBoundary } from './shell/error-boundary.js';
import { Intents } from './signing-in/intent.js';
import { Session } from './signing-in/session.js';

wearAppearance(chosenAppearance());
const place = document.getElementById('portal');
if (!place) throw new Error('The page has no place for the portal.');
const root = createRoot(place);

try {
  const portal = await begin();
  root.render(
    <ErrorBoundary>
      <CSPProvider disableStyleElements>
        <PortalContext value={portal}>
          <App />
        </PortalContext>
      </CSPProvider>
    </ErrorBoundary>,
  );
  // A plan that was chosen before signing in, or before a reload, is gone on with.
  const { session, intents } = portal;
  await session.start((returnTo) => router.replace(intents.pending() === null ? returnTo : '/plans'));
} catch {
  root.render(<Broken />);
}

async function begin(): Promise<Portal> {
  const [settings, branding] = await Promise.all([loadSettings(), loadBranding()]);
  wear(branding);
  const session = new Session(settings);
  const client = new Client(settings, session);
  const [account, catalogue] = [new Account(client, new OtherTabs()), new Catalogue(client)];
  return { settings, branding, session, intents: new Intents(keptInTab), client, account, catalogue };
}
