import type { Letter } from './cognito/mailbox.js';
import { UnacceptableInput } from './control-input.js';
import { controlPage } from './control-page/control-page.js';
import { faultRule } from './habits/fault-rule.js';
import { habitSettings } from './habits/settings.js';
import type { Habits } from './habits.js';
import { isFromElsewhere, type SandboxReply, type SandboxRequest } from './http.js';
import type { SandboxClock } from './sandbox-clock.js';
import { type SeedManyOrder, seedManyOrder } from './seed-many.js';
import type { SandboxInfo } from './server.js';

/** What `/_sandbox/*` may do to the sandbox. */
export interface Controlled {
  readonly clock: SandboxClock;
  readonly habits: Habits;
  info(): SandboxInfo;
  mail(): readonly Letter[];
  reset(): Promise<void>;
  seedMany(order: SeedManyOrder): Promise<unknown>;
}

/** What one control call does, and what it answers as JSON. */
type Control = (sandbox: Controlled, request: SandboxRequest) => unknown;

/** The sandbox's own switches, for developers and tests; nothing here exists on AWS. */
const CONTROLS: Readonly<Record<string, Control>> = {
  'GET /_sandbox/': () => ({ controls: Object.keys(CONTROLS) }),
  'GET /_sandbox/info': (sandbox) => sandbox.info(),
  'GET /_sandbox/mail': (sandbox) => sandbox.mail(),
  'GET /_sandbox/clock': time,
  'POST /_sandbox/clock': forward,
  'POST /_sandbox/reset': async (sandbox) => {
    await sandbox.reset();
    return sandbox.info();
  },
  'POST /_sandbox/seed': (sandbox, { body }) => sandbox.seedMany(seedManyOrder(parsed(body))),
  'GET /_sandbox/habits': ({ habits }) => habits.describe(),
  'POST /_sandbox/habits': ({ habits }, { body }) => {
    habits.set(habitSettings(parsed(body)));
    return habits.describe();
  },
  'GET /_sandbox/faults': ({ habits }) => habits.faults(),
  'POST /_sandbox/faults': ({ habits }, { body }) => {
    for (const rule of [parsed(body)].flat().map(faultRule)) habits.addFault(rule);
    return habits.faults();
  },
  'DELETE /_sandbox/faults': ({ habits }) => {
    habits.clearFaults();
    return habits.faults();
  },
  'GET /_sandbox/calls': ({ habits }) => habits.calls(),
  'POST /_sandbox/calls/reset': ({ habits }) => {
    habits.resetCalls();
    return habits.calls();
  },
};

export async function control(sandbox: Controlled, request: SandboxRequest): Promise<SandboxReply> {
  // A website the developer happens to have open must not reset the sandbox: no preflight keeps it from a POST.
  if (isFromElsewhere(request))
    return json(403, { message: 'Only pages and programs of this machine may control the sandbox' });
  const page = await controlPage(sandbox, request);
  if (page) return page;
  const asked = `${request.method} ${request.url.pathname}`;
  const run = Object.hasOwn(CONTROLS, asked) ? CONTROLS[asked] : undefined;
  if (!run) return json(404, { message: `No such control: ${asked}`, controls: Object.keys(CONTROLS) });
  try {
    return json(200, await run(sandbox, request));
  } catch (error) {
    if (error instanceof UnacceptableInput) return json(400, { message: error.message });
    throw error;
  }
}

function forward(sandbox: Controlled, { body }: SandboxRequest): unknown {
  const { forwardSeconds: seconds } = Object(parsed(body)) as { forwardSeconds?: unknown };
  if (typeof seconds !== 'number' || seconds < 0)
    throw new UnacceptableInput('Send {"forwardSeconds": <a number, 0 or more>}');
  sandbox.clock.forward(seconds);
  return time(sandbox);
}

function time({ clock }: Controlled): unknown {
  return { now: clock.now().toISOString() };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new UnacceptableInput('The body must be JSON.');
  }
}

function json(status: number, value: unknown): SandboxReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
