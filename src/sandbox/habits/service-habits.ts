import type { GatewayTables } from '../gateway/tables.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import { DEFAULTS, type HabitSettings } from './settings.js';

export type ServiceName = 'gateway' | 'cognito' | 'kms';

/** One call of an AWS operation, known by name and not yet run. */
export interface ServiceCall {
  readonly service: ServiceName;
  readonly operation: string;
  readonly request: SandboxRequest;
}

/** What the services ask of the bad habits. */
export interface ServiceHabits {
  readonly settings: HabitSettings;
  /** Runs one call, or does to it what the habits want. */
  around(call: ServiceCall, run: () => Promise<SandboxReply>): Promise<SandboxReply>;
  /** The keys and plans that have reached the deployed APIs; null when all have. */
  propagated(): GatewayTables | null;
}

/** A service that stands alone behaves. */
export const NO_HABITS: ServiceHabits = {
  settings: DEFAULTS,
  around: (_call, run) => run(),
  propagated: () => null,
};
