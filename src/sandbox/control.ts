import type { SandboxReply, SandboxRequest } from './http.js';
import type { SandboxClock } from './sandbox-clock.js';

/** What `/_sandbox/*` may do to the sandbox. */
export interface Controlled {
  readonly clock: SandboxClock;
  info(): unknown;
  mail(): unknown;
  reset(): Promise<void>;
}

/** The sandbox's own switches, for developers and tests; nothing here exists on AWS. */
export async function control(sandbox: Controlled, request: SandboxRequest): Promise<SandboxReply> {
  if (!isLocal(request))
    return json(403, { message: 'Only pages and programs of this machine may control the sandbox' });
  switch (`${request.method} ${request.url.pathname}`) {
    case 'GET /_sandbox/info':
      return json(200, sandbox.info());
    case 'GET /_sandbox/mail':
      return json(200, sandbox.mail());
    case 'GET /_sandbox/clock':
      return time(sandbox);
    case 'POST /_sandbox/clock':
      return forward(sandbox, request.body);
    case 'POST /_sandbox/reset':
      await sandbox.reset();
      return json(200, sandbox.info());
    default:
      return json(404, { message: `No such control: ${request.method} ${request.url.pathname}` });
  }
}

function forward(sandbox: Controlled, body: Buffer): SandboxReply {
  const seconds = forwardSeconds(body);
  if (seconds === null) return json(400, { message: 'Send {"forwardSeconds": <a number, 0 or more>}' });
  sandbox.clock.forward(seconds);
  return time(sandbox);
}

function forwardSeconds(body: Buffer): number | null {
  try {
    const { forwardSeconds: seconds } = JSON.parse(body.toString('utf8')) as { forwardSeconds?: unknown };
    return typeof seconds === 'number' && seconds >= 0 ? seconds : null;
  } catch {
    return null;
  }
}

function time({ clock }: Controlled): SandboxReply {
  return json(200, { now: clock.now().toISOString() });
}

/** A website the developer happens to have open must not reset the sandbox, by CORS-less POST or by DNS rebinding. */
function isLocal({ headers, url }: SandboxRequest): boolean {
  const origin = headers.origin && URL.canParse(headers.origin) ? new URL(headers.origin).hostname : headers.origin;
  return [url.hostname, origin].every((host) => host === undefined || ['127.0.0.1', 'localhost'].includes(host));
}

function json(status: number, value: unknown): SandboxReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
