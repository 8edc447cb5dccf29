import type { SandboxReply, SandboxRequest } from './http.js';
import { ServiceFailure } from './wire.js';

/** What the services that speak JSON by `POST /` and `X-Amz-Target` have in common: Cognito and KMS. */

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): SandboxReply {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1', ...headers }, body: JSON.stringify(value) };
}

/** As the caller signed for it. */
export function regionOf({ headers }: Pick<SandboxRequest, 'headers'>): string {
  return /Credential=[^/]+\/\d+\/([a-z0-9-]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'us-east-1';
}

/** By whom it is signed nobody looks. */
export function isSigned({ headers }: Pick<SandboxRequest, 'headers'>): boolean {
  return headers.authorization?.startsWith('AWS4-') === true;
}

/** @throws when nobody signed. */
export function requireSignature(request: Pick<SandboxRequest, 'headers'>): void {
  if (!isSigned(request))
    throw new ServiceFailure('MissingAuthenticationTokenException', 'Missing Authentication Token');
}

/** Members that the model requires, in the services' words; `value` is how a service names what is not there. */
export function missing(members: readonly string[], value: string): string {
  const texts = members.map((member) => {
    const name = member.charAt(0).toLowerCase() + member.slice(1);
    return `${value} at '${name}' failed to satisfy constraint: Member must not be null`;
  });
  return `${texts.length} validation error${texts.length === 1 ? '' : 's'} detected: ${texts.join('; ')}`;
}
