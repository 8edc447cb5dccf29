import type { GraphqlError, Outcome } from '../support/customer.js';

/** What a website asks of Turnpike for its customer. */
export type Act =
  | { readonly do: 'subscribe'; readonly plan: string }
  | { readonly do: 'rotate'; readonly keyId: string; readonly graceSeconds: number }
  | { readonly do: 'revoke'; readonly keyId: string }
  | { readonly do: 'cancel' | 'reveal' };

/** What comes back. Lost: nothing did, and whether the request was carried out is not known. */
export type Reply =
  | { readonly kind: 'answered'; readonly outcome: Outcome }
  | { readonly kind: 'try again'; readonly seconds: number }
  | { readonly kind: 'lost' }
  | { readonly kind: 'turned away'; readonly code: string }
  | { readonly kind: 'broken'; readonly text: string };

const PATIENCE_SECONDS = 60;
const SUBSCRIPTION = 'subscription { planCode state apiKey { id } overlappingKey { id retiresAt } }';
const KEY = 'key { id value }';
const PROBLEM = '... on Problem { code message }';

const MUTATIONS: Readonly<Record<Act['do'], string>> = {
  subscribe: `mutation ($plan: String!) { reply: subscribe(plan: $plan) {
    __typename ... on SubscriptionChanged { ${SUBSCRIPTION} ${KEY} } ${PROBLEM} } }`,
  rotate: `mutation ($keyId: ID!, $graceSeconds: Int!) { reply: rotateKey(keyId: $keyId, graceSeconds: $graceSeconds) {
    __typename ... on KeyRotated { ${SUBSCRIPTION} ${KEY} } ${PROBLEM} } }`,
  revoke: `mutation ($keyId: ID!) { reply: revokeKey(keyId: $keyId) {
    __typename ... on KeyRevoked { ${SUBSCRIPTION} } ${PROBLEM} } }`,
  cancel: `mutation { reply: cancelSubscription { __typename ... on SubscriptionCancelled { ${SUBSCRIPTION} } ${PROBLEM} } }`,
  reveal: `mutation { reply: revealKey { __typename ... on KeyRevealed { ${KEY} } ${PROBLEM} } }`,
};

/** Sends one request to one server, as a browser would. */
export async function ask(serverUrl: string, token: string, { do: what, ...variables }: Act): Promise<Reply> {
  const sent = {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: MUTATIONS[what], variables }),
    signal: AbortSignal.timeout(PATIENCE_SECONDS * 1000),
  };
  const received = await fetch(`${serverUrl}/graphql`, sent)
    .then(async (reply) => ({ status: reply.status, text: await reply.text() }))
    .catch(() => null);
  return received ? understood(received) : { kind: 'lost' };
}

function understood({ status, text }: { status: number; text: string }): Reply {
  if (status >= 500) return { kind: 'broken', text: `${status} ${text}` };
  const { data, errors } = JSON.parse(text) as { data?: { reply: Outcome } | null; errors?: GraphqlError[] };
  if (data) return { kind: 'answered', outcome: data.reply };
  const { code = '', retryAfterSeconds } = errors?.[0]?.extensions ?? {};
  if (code === 'TRY_AGAIN' && retryAfterSeconds) return { kind: 'try again', seconds: retryAfterSeconds };
  const isRefusal = ['UNAUTHENTICATED', 'FORBIDDEN', 'AT_CAPACITY'].includes(code);
  return isRefusal ? { kind: 'turned away', code } : { kind: 'broken', text: `${status} ${text}` };
}

/** Whether the answer says that all is carried out, not only recorded. */
export function isCarriedOut({ subscription }: Outcome): boolean {
  return subscription?.state !== 'PROVISIONING' && subscription?.state !== 'ENDING';
}
