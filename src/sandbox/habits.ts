import { setTimeout as pause } from 'node:timers/promises';
import { GatewayTables } from './gateway/tables.js';
import { type CallCount, Calls } from './habits/calls.js';
import type { FaultRule } from './habits/fault-rule.js';
import { CUT, type FaultReport, Faults } from './habits/faults.js';
import { Rates } from './habits/rates.js';
import { Replica } from './habits/replica.js';
import { SerialAttach } from './habits/serial-attach.js';
import type { ServiceCall, ServiceHabits, ServiceName } from './habits/service-habits.js';
import { DEFAULTS, explained, type HabitSettings, habitSettings } from './habits/settings.js';
import type { SandboxReply, SandboxRequest } from './http.js';
import { KMS_TABLES } from './kms/kms.js';
import type { SandboxClock } from './sandbox-clock.js';
import type { Store } from './store.js';
import { ServiceFailure } from './wire.js';

type Answer = (request: SandboxRequest) => Promise<SandboxReply>;

/** Makes the services anew over a copy of the store. */
export type OpenServices = (copy: Store) => Readonly<Record<ServiceName, { answer: Answer }>>;

const GATEWAY_TABLES = ['gateway.apiKeys', 'gateway.usagePlans', 'gateway.usagePlanKeys'];
const COGNITO_TABLES = ['cognito.pools', 'cognito.clients', 'cognito.groups', 'cognito.users'];
const STALE_LISTS: ReadonlySet<string> = new Set(['GetApiKeys', 'GetUsagePlanKeys', 'GetUsagePlans', 'ListUsers']);
const STALE_READS: ReadonlySet<string> = new Set(['GetApiKey', 'AdminGetUser']);

/**
 * AWS's bad habits, all off at first: rates, serial attaching, late reports, stale lists, slow propagation, late
 * answers, and any fault at any call. While they are off a call costs one look at `isOn` and a count.
 */
export class Habits implements ServiceHabits {
  private current = DEFAULTS;
  private isOn = false;
  private replicas: Record<ServiceName, Replica<Answer>> | null = null;
  private deployed: Replica<GatewayTables> | null = null;
  private rates = new Rates();
  private readonly serialAttach = new SerialAttach();
  private readonly faultRules = new Faults();
  private readonly counted = new Calls();
  private waits = new AbortController();

  constructor(
    private readonly store: Store,
    private readonly clock: SandboxClock,
    private readonly openServices: OpenServices,
  ) {}

  get settings(): HabitSettings {
    return this.current;
  }

  /** Switches what is named and leaves the rest. Rates begin with full buckets, stale lists with what there is. */
  set(wanted: Partial<HabitSettings>): void {
    const before = this.current;
    this.current = { ...before, ...habitSettings(wanted) };
    if (!before.rates) this.rates = new Rates();
    this.replicate();
    this.wake();
  }

  /** Every habit with its state and what it does. */
  describe(): ReturnType<typeof explained> {
    return explained(this.current);
  }

  addFault(rule: FaultRule): void {
    this.faultRules.add(rule);
    this.wake();
  }

  faults(): FaultReport[] {
    return this.faultRules.report();
  }

  clearFaults(): void {
    this.faultRules.clear();
    this.wake();
  }

  /** Calls by operation, and those refused for rates, limits and conflicts, since the start or the last reset. */
  calls(): Record<string, CallCount> {
    return this.counted.report();
  }

  resetCalls(): void {
    this.counted.reset();
  }

  /** Back to good manners. Calls that hang are cut, so that none takes effect later. */
  reset(): void {
    this.waits.abort();
    this.waits = new AbortController();
    this.faultRules.clear();
    this.counted.reset();
    this.set(DEFAULTS);
  }

  async around(call: ServiceCall, run: () => Promise<SandboxReply>): Promise<SandboxReply> {
    this.counted.made(call.operation);
    const { signal } = this.waits;
    try {
      return this.isOn ? await this.late(() => this.disturbed(call, run)) : await run();
    } catch (error) {
      if (error instanceof ServiceFailure) this.counted.refused(call.operation, error.type);
      else if (signal.aborted) return CUT;
      throw error;
    }
  }

  propagated(): GatewayTables | null {
    if (this.deployed === null) return null;
    return this.deployed.asOf({ writes: 0, milliseconds: this.current.propagationSeconds * 1000 });
  }

  /** The effect comes at once, and whatever is answered comes later. */
  private async late(answer: () => Promise<SandboxReply>): Promise<SandboxReply> {
    const { latencyMilliseconds } = this.current;
    const { signal } = this.waits;
    try {
      return await answer();
    } finally {
      if (latencyMilliseconds > 0) await pause(latencyMilliseconds, undefined, { signal, ref: false });
    }
  }

  private async disturbed(call: ServiceCall, run: () => Promise<SandboxReply>): Promise<SandboxReply> {
    const { rates, serialAttach, serialAttachMilliseconds } = this.current;
    const { signal } = this.waits;
    const sleep = (milliseconds: number) => pause(milliseconds, undefined, { signal, ref: false });
    if (rates) this.rates.admit(call, this.current);
    const answer = this.staleAnswer(call) ?? run;
    const isSerial = serialAttach && this.serialAttach.concerns(call.operation);
    const settled = () => this.serialAttach.run(answer, () => sleep(serialAttachMilliseconds));
    return this.faultRules.run(call, isSerial ? settled : answer, sleep);
  }

  private staleAnswer({ service, operation, request }: ServiceCall): (() => Promise<SandboxReply>) | null {
    if (this.replicas === null) return null;
    const isOfAllPlans = operation === 'GetUsagePlans' && !request.url.searchParams.has('keyId');
    const isStale = this.current.staleReads && STALE_READS.has(operation);
    if (isOfAllPlans || !(isStale || STALE_LISTS.has(operation))) return null;
    const { staleWrites: writes, staleMilliseconds: milliseconds, staleUsersOnly } = this.current;
    if (staleUsersOnly && service !== 'cognito') return null;
    const asOf = this.replicas[service].asOf({ writes, milliseconds });
    return () => asOf(request);
  }

  private wake(): void {
    const { rates, serialAttach, latencyMilliseconds } = this.current;
    this.isOn = rates || serialAttach || latencyMilliseconds > 0 || this.replicas !== null || !this.faultRules.isEmpty;
  }

  /** Copies begin when their habit is switched on, and end with it. */
  private replicate(): void {
    const { staleWrites, staleMilliseconds, propagationSeconds } = this.current;
    const isStale = staleWrites > 0 || staleMilliseconds > 0;
    this.replicas = isStale ? (this.replicas ?? this.staleServices()) : null;
    this.deployed = propagationSeconds > 0 ? (this.deployed ?? this.deployedTables()) : null;
    const copies = [this.deployed, ...Object.values(this.replicas ?? {})].filter((copy) => copy !== null);
    const tell = (...write: [string, string, unknown]) => copies.forEach((copy) => void copy.written(...write));
    this.store.follow(copies.length > 0 ? tell : null);
  }

  private staleServices(): Record<ServiceName, Replica<Answer>> {
    const service = (name: ServiceName, tables: readonly string[]) =>
      new Replica<Answer>(this.store, tables, this.clock, (copy) => {
        const opened = this.openServices(copy)[name];
        return (request) => opened.answer(request);
      });
    return {
      gateway: service('gateway', GATEWAY_TABLES),
      cognito: service('cognito', COGNITO_TABLES),
      kms: service('kms', KMS_TABLES),
    };
  }

  private deployedTables(): Replica<GatewayTables> {
    return new Replica(this.store, GATEWAY_TABLES, this.clock, (copy) => new GatewayTables(copy));
  }
}
