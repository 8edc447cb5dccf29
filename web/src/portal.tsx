import { createContext, useContext } from 'react';
import type { Account, AccountState } from './customer/account.js';
import type { Catalogue } from './customer/catalogue.js';
import type { Client } from './customer/client.js';
import type { Branding } from './deployment/branding.js';
import type { Settings } from './deployment/settings.js';
import type { Intents } from './signing-in/intent.js';
import type { Session } from './signing-in/session.js';
import { useStore } from './store.js';

/** What every page stands on; made once, in main.tsx. */
export interface Portal {
  readonly settings: Settings;
  readonly branding: Branding;
  readonly session: Session;
  readonly intents: Intents;
  readonly client: Client;
  readonly account: Account;
  readonly catalogue: Catalogue;
}

export const PortalContext = createContext<Portal | null>(null);

export function usePortal(): Portal {
  const portal = useContext(PortalContext);
  if (!portal) throw new Error('A page stands outside of PortalContext.');
  return portal;
}

export function useAccount(): AccountState {
  return useStore(usePortal().account);
}
