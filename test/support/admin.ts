import type { Customer, GraphqlError, SubscriptionReply } from './customer.js';

/** The reply to an admin's mutation: what its type has, or the code of a Problem or a refusal. */
export interface AdminOutcome {
  readonly code?: string;
  readonly user?: {
    readonly id: string;
    readonly suspension: string | null;
    readonly subscription: SubscriptionReply | null;
    readonly usage: {
      readonly limit: number | null;
      readonly granted: number;
      readonly remaining: number | null;
    } | null;
  };
  readonly isFinished?: boolean;
  readonly report?: { readonly heldBack: number; readonly driftCount: number };
}

const USER = `id suspension usage { limit granted remaining }
  subscription { planCode state suspension apiKey { id lastFour createdAt } overlappingKey { id retiresAt } }`;

/** Sends one of the mutations about somebody else, with a reason unless one is given. */
export async function act(
  admin: Customer,
  mutation: string,
  args: Readonly<Record<string, string | number | boolean>>,
): Promise<AdminOutcome> {
  const given = Object.entries({ reason: 'a test', ...args }).map(([name, value]) => {
    return `${name}: ${name === 'code' ? value : JSON.stringify(value)}`;
  });
  const { data, errors } = await admin.gql<Record<string, AdminOutcome>>(
    `mutation { ${mutation}(${given.join(', ')}) {
      ... on UserChanged { user { ${USER} } }
      ... on UserDeleted { isFinished user { ${USER} } }
      ... on SweepRun { isFinished report { heldBack driftCount } }
      ... on Problem { code message } } }`.replace(fragmentsFor(mutation), ''),
  );
  return data?.[mutation] ?? { code: codeOf(errors) };
}

/** Fragments of types that the mutation cannot answer are no valid GraphQL. */
function fragmentsFor(mutation: string): RegExp {
  const answered = { deleteUser: 'UserDeleted', sweep: 'SweepRun' }[mutation] ?? 'UserChanged';
  return new RegExp(`\\.\\.\\. on (?!${answered}|Problem)\\w+ \\{[\\s\\S]*?\\}(?=\\s*\\.\\.\\.)`, 'g');
}

function codeOf([error]: readonly GraphqlError[]): string {
  return error?.extensions.code ?? 'no answer';
}
