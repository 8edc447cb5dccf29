const PATIENCE_MILLISECONDS = 15_000;

/** What came back: an answer of the API, or API Gateway's own refusal, which has a kind. */
export interface GatewayAnswer {
  readonly status: number;
  /** `UnauthorizedException`, `ForbiddenException` …; null = the API behind answered. */
  readonly refusal: string | null;
}

/** Asks the API as a customer's program would. Nothing that is sent or received is kept. */
export async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<GatewayAnswer> {
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const reply = await fetch(url, { headers, redirect: 'manual', signal });
  await reply.arrayBuffer();
  const named = reply.headers.get('x-amzn-errortype');
  return { status: reply.status, refusal: named === null ? null : (named.split(':')[0] ?? named) };
}

export function isLetIn({ status, refusal }: GatewayAnswer): boolean {
  return refusal === null && status < 400;
}

export function asWords({ status, refusal }: GatewayAnswer): string {
  return refusal === null ? String(status) : `${status} ${refusal}`;
}

/** Which API and stage a URL of AWS's own, or of the sandbox, is of; null = a domain of somebody's own. */
export function stageOf(url: string): { readonly apiId: string; readonly stage: string } | null {
  const { hostname, pathname } = new URL(url);
  const [, host] = /^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/.exec(hostname) ?? [];
  const path = host ? `/${host}${pathname}` : (/^\/_aws\/execute-api(\/.*)$/.exec(pathname)?.[1] ?? '');
  const [, apiId, stage] = path.split('/');
  return apiId && stage ? { apiId, stage } : null;
}
