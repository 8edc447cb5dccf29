// Made from customer.graphql and schema.gql by `npm run operations -w web`. Do not edit.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** How long a quota lasts before it is whole again; counted in UTC, weeks from Monday. */
export type QuotaPeriod =
  /** From midnight. */
  | 'DAY'
  /** From midnight on the first of the month. */
  | 'MONTH'
  /** From Monday, midnight. */
  | 'WEEK';

/** Whether what was asked for is done. PROVISIONING and ENDING are carried on by a repeated request, or by the next sweep. */
export type SubscriptionState =
  /** The key works on the plan. AWS may still answer 403 in the first minutes of a key. */
  | 'ACTIVE'
  /** Cancelled, but a key is still to be switched off: repeat the request, or ask `me` again. */
  | 'ENDING'
  /** Recorded, but not carried out yet: repeat the request, or ask `me` again in a few seconds. With `suspension` set the key is being stopped: only ask `me`. */
  | 'PROVISIONING'
  /** The key is kept but does not work; see `suspension`. */
  | 'SUSPENDED';

/** Why a key was stopped; the customer sees it. */
export type SuspensionCode =
  /** The API was abused. */
  | 'ABUSE'
  /** Decided by the people who run the API, or the account is disabled. */
  | 'ADMIN'
  /** A payment is missing. */
  | 'PAYMENT';

export type PlansQueryVariables = Exact<{ [key: string]: never; }>;


export type PlansQuery = { readonly plans: ReadonlyArray<{ readonly code: string, readonly title: string, readonly description: string | null, readonly price: string | null, readonly selfService: boolean, readonly retired: boolean, readonly quota: { readonly limit: number, readonly period: QuotaPeriod } | null, readonly throttle: { readonly rateLimit: number, readonly burstLimit: number } | null }> };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { readonly me: { readonly id: string, readonly email: string | null, readonly username: string, readonly enabled: boolean, readonly suspension: SuspensionCode | null, readonly subscription: { readonly planCode: string, readonly state: SubscriptionState, readonly suspension: SuspensionCode | null, readonly plan: { readonly code: string, readonly title: string, readonly description: string | null, readonly price: string | null, readonly selfService: boolean, readonly retired: boolean, readonly quota: { readonly limit: number, readonly period: QuotaPeriod } | null, readonly throttle: { readonly rateLimit: number, readonly burstLimit: number } | null } | null, readonly apiKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null, readonly overlappingKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null } | null, readonly usage: { readonly limit: number | null, readonly used: number, readonly remaining: number | null, readonly granted: number, readonly periodStart: string | null, readonly resetsAt: string | null, readonly asOf: string, readonly daily: ReadonlyArray<{ readonly date: string, readonly used: number }> } | null } };

export type DailyUsageQueryVariables = Exact<{
  from: string;
  to: string;
}>;


export type DailyUsageQuery = { readonly me: { readonly dailyUsage: ReadonlyArray<{ readonly date: string, readonly used: number }> } };

export type SubscribeMutationVariables = Exact<{
  plan: string;
}>;


export type SubscribeMutation = { readonly subscribe:
    | { readonly __typename: 'AccountSuspended', readonly code: string, readonly message: string }
    | { readonly __typename: 'PlanNotForSale', readonly code: string, readonly message: string }
    | { readonly __typename: 'SubscriptionChanged', readonly subscription: { readonly planCode: string, readonly state: SubscriptionState, readonly suspension: SuspensionCode | null, readonly plan: { readonly code: string, readonly title: string, readonly description: string | null, readonly price: string | null, readonly selfService: boolean, readonly retired: boolean, readonly quota: { readonly limit: number, readonly period: QuotaPeriod } | null, readonly throttle: { readonly rateLimit: number, readonly burstLimit: number } | null } | null, readonly apiKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null, readonly overlappingKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null }, readonly key: { readonly id: string, readonly value: string } | null }
    | { readonly __typename: 'UnknownPlan', readonly code: string, readonly message: string }
   };

export type RevealKeyMutationVariables = Exact<{ [key: string]: never; }>;


export type RevealKeyMutation = { readonly revealKey:
    | { readonly __typename: 'AccountSuspended', readonly code: string, readonly message: string }
    | { readonly __typename: 'KeyRevealed', readonly key: { readonly id: string, readonly value: string } }
    | { readonly __typename: 'NoSubscription', readonly code: string, readonly message: string }
   };

export type RotateKeyMutationVariables = Exact<{
  keyId: string;
  graceSeconds: number;
}>;


export type RotateKeyMutation = { readonly rotateKey:
    | { readonly __typename: 'AccountSuspended', readonly code: string, readonly message: string }
    | { readonly __typename: 'KeyRotated', readonly subscription: { readonly planCode: string, readonly state: SubscriptionState, readonly suspension: SuspensionCode | null, readonly plan: { readonly code: string, readonly title: string, readonly description: string | null, readonly price: string | null, readonly selfService: boolean, readonly retired: boolean, readonly quota: { readonly limit: number, readonly period: QuotaPeriod } | null, readonly throttle: { readonly rateLimit: number, readonly burstLimit: number } | null } | null, readonly apiKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null, readonly overlappingKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null }, readonly key: { readonly id: string, readonly value: string } | null }
    | { readonly __typename: 'NoSubscription', readonly code: string, readonly message: string }
    | { readonly __typename: 'UnknownKey', readonly code: string, readonly message: string }
   };

export type RevokeKeyMutationVariables = Exact<{
  keyId: string;
}>;


export type RevokeKeyMutation = { readonly revokeKey:
    | { readonly __typename: 'KeyInUse', readonly code: string, readonly message: string }
    | { readonly __typename: 'KeyRevoked', readonly subscription: { readonly planCode: string, readonly state: SubscriptionState, readonly suspension: SuspensionCode | null, readonly plan: { readonly code: string, readonly title: string, readonly description: string | null, readonly price: string | null, readonly selfService: boolean, readonly retired: boolean, readonly quota: { readonly limit: number, readonly period: QuotaPeriod } | null, readonly throttle: { readonly rateLimit: number, readonly burstLimit: number } | null } | null, readonly apiKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null, readonly overlappingKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null } }
    | { readonly __typename: 'UnknownKey', readonly code: string, readonly message: string }
   };

export type CancelSubscriptionMutationVariables = Exact<{ [key: string]: never; }>;


export type CancelSubscriptionMutation = { readonly cancelSubscription:
    | { readonly __typename: 'NoSubscription', readonly code: string, readonly message: string }
    | { readonly __typename: 'SubscriptionCancelled', readonly subscription: { readonly planCode: string, readonly state: SubscriptionState, readonly suspension: SuspensionCode | null, readonly plan: { readonly code: string, readonly title: string, readonly description: string | null, readonly price: string | null, readonly selfService: boolean, readonly retired: boolean, readonly quota: { readonly limit: number, readonly period: QuotaPeriod } | null, readonly throttle: { readonly rateLimit: number, readonly burstLimit: number } | null } | null, readonly apiKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null, readonly overlappingKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null } | null }
   };

export type PlanPartsFragment = { readonly code: string, readonly title: string, readonly description: string | null, readonly price: string | null, readonly selfService: boolean, readonly retired: boolean, readonly quota: { readonly limit: number, readonly period: QuotaPeriod } | null, readonly throttle: { readonly rateLimit: number, readonly burstLimit: number } | null };

export type SubscriptionPartsFragment = { readonly planCode: string, readonly state: SubscriptionState, readonly suspension: SuspensionCode | null, readonly plan: { readonly code: string, readonly title: string, readonly description: string | null, readonly price: string | null, readonly selfService: boolean, readonly retired: boolean, readonly quota: { readonly limit: number, readonly period: QuotaPeriod } | null, readonly throttle: { readonly rateLimit: number, readonly burstLimit: number } | null } | null, readonly apiKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null, readonly overlappingKey: { readonly id: string, readonly lastFour: string, readonly createdAt: string, readonly retiresAt: string | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const PlanPartsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment PlanParts on Plan {
  code
  title
  description
  price
  selfService
  retired
  quota {
    limit
    period
  }
  throttle {
    rateLimit
    burstLimit
  }
}
    `, {"fragmentName":"PlanParts"}) as unknown as TypedDocumentString<PlanPartsFragment, unknown>;
export const SubscriptionPartsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment SubscriptionParts on Subscription {
  planCode
  state
  suspension
  plan {
    ...PlanParts
  }
  apiKey {
    id
    lastFour
    createdAt
    retiresAt
  }
  overlappingKey {
    id
    lastFour
    createdAt
    retiresAt
  }
}
    fragment PlanParts on Plan {
  code
  title
  description
  price
  selfService
  retired
  quota {
    limit
    period
  }
  throttle {
    rateLimit
    burstLimit
  }
}`, {"fragmentName":"SubscriptionParts"}) as unknown as TypedDocumentString<SubscriptionPartsFragment, unknown>;
export const PlansDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Plans {
  plans {
    ...PlanParts
  }
}
    fragment PlanParts on Plan {
  code
  title
  description
  price
  selfService
  retired
  quota {
    limit
    period
  }
  throttle {
    rateLimit
    burstLimit
  }
}`) as unknown as TypedDocumentString<PlansQuery, PlansQueryVariables>;
export const MeDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Me {
  me {
    id
    email
    username
    enabled
    suspension
    subscription {
      ...SubscriptionParts
    }
    usage {
      limit
      used
      remaining
      granted
      periodStart
      resetsAt
      asOf
      daily {
        date
        used
      }
    }
  }
}
    fragment PlanParts on Plan {
  code
  title
  description
  price
  selfService
  retired
  quota {
    limit
    period
  }
  throttle {
    rateLimit
    burstLimit
  }
}
fragment SubscriptionParts on Subscription {
  planCode
  state
  suspension
  plan {
    ...PlanParts
  }
  apiKey {
    id
    lastFour
    createdAt
    retiresAt
  }
  overlappingKey {
    id
    lastFour
    createdAt
    retiresAt
  }
}`) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const DailyUsageDocument = /*#__PURE__*/ new TypedDocumentString(`
    query DailyUsage($from: Date!, $to: Date!) {
  me {
    dailyUsage(from: $from, to: $to) {
      date
      used
    }
  }
}
    `) as unknown as TypedDocumentString<DailyUsageQuery, DailyUsageQueryVariables>;
export const SubscribeDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation Subscribe($plan: String!) {
  subscribe(plan: $plan) {
    __typename
    ... on SubscriptionChanged {
      subscription {
        ...SubscriptionParts
      }
      key {
        id
        value
      }
    }
    ... on Problem {
      code
      message
    }
  }
}
    fragment PlanParts on Plan {
  code
  title
  description
  price
  selfService
  retired
  quota {
    limit
    period
  }
  throttle {
    rateLimit
    burstLimit
  }
}
fragment SubscriptionParts on Subscription {
  planCode
  state
  suspension
  plan {
    ...PlanParts
  }
  apiKey {
    id
    lastFour
    createdAt
    retiresAt
  }
  overlappingKey {
    id
    lastFour
    createdAt
    retiresAt
  }
}`) as unknown as TypedDocumentString<SubscribeMutation, SubscribeMutationVariables>;
export const RevealKeyDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation RevealKey {
  revealKey {
    __typename
    ... on KeyRevealed {
      key {
        id
        value
      }
    }
    ... on Problem {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RevealKeyMutation, RevealKeyMutationVariables>;
export const RotateKeyDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation RotateKey($keyId: ID!, $graceSeconds: Int!) {
  rotateKey(keyId: $keyId, graceSeconds: $graceSeconds) {
    __typename
    ... on KeyRotated {
      subscription {
        ...SubscriptionParts
      }
      key {
        id
        value
      }
    }
    ... on Problem {
      code
      message
    }
  }
}
    fragment PlanParts on Plan {
  code
  title
  description
  price
  selfService
  retired
  quota {
    limit
    period
  }
  throttle {
    rateLimit
    burstLimit
  }
}
fragment SubscriptionParts on Subscription {
  planCode
  state
  suspension
  plan {
    ...PlanParts
  }
  apiKey {
    id
    lastFour
    createdAt
    retiresAt
  }
  overlappingKey {
    id
    lastFour
    createdAt
    retiresAt
  }
}`) as unknown as TypedDocumentString<RotateKeyMutation, RotateKeyMutationVariables>;
export const RevokeKeyDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation RevokeKey($keyId: ID!) {
  revokeKey(keyId: $keyId) {
    __typename
    ... on KeyRevoked {
      subscription {
        ...SubscriptionParts
      }
    }
    ... on Problem {
      code
      message
    }
  }
}
    fragment PlanParts on Plan {
  code
  title
  description
  price
  selfService
  retired
  quota {
    limit
    period
  }
  throttle {
    rateLimit
    burstLimit
  }
}
fragment SubscriptionParts on Subscription {
  planCode
  state
  suspension
  plan {
    ...PlanParts
  }
  apiKey {
    id
    lastFour
    createdAt
    retiresAt
  }
  overlappingKey {
    id
    lastFour
    createdAt
    retiresAt
  }
}`) as unknown as TypedDocumentString<RevokeKeyMutation, RevokeKeyMutationVariables>;
export const CancelSubscriptionDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation CancelSubscription {
  cancelSubscription {
    __typename
    ... on SubscriptionCancelled {
      subscription {
        ...SubscriptionParts
      }
    }
    ... on Problem {
      code
      message
    }
  }
}
    fragment PlanParts on Plan {
  code
  title
  description
  price
  selfService
  retired
  quota {
    limit
    period
  }
  throttle {
    rateLimit
    burstLimit
  }
}
fragment SubscriptionParts on Subscription {
  planCode
  state
  suspension
  plan {
    ...PlanParts
  }
  apiKey {
    id
    lastFour
    createdAt
    retiresAt
  }
  overlappingKey {
    id
    lastFour
    createdAt
    retiresAt
  }
}`) as unknown as TypedDocumentString<CancelSubscriptionMutation, CancelSubscriptionMutationVariables>;
