import * as z from 'zod';
import type { Client, Pools, User } from '../pools.js';
import type { GroupConfiguration, TokenSource } from './events.js';
import { seenByTriggers } from './sign-up-triggers.js';
import { occasion, type Triggers, unrecognizable } from './triggers.js';

type Claims = Readonly<Record<string, unknown>>;

interface ClaimChanges {
  readonly set: Claims;
  readonly suppress: readonly string[];
}

/** What a PreTokenGeneration trigger wants different in the tokens; `groups` null leaves them. */
export interface TokenOverrides {
  readonly id: ClaimChanges;
  readonly access: ClaimChanges & { readonly addScopes: readonly string[]; readonly suppressScopes: readonly string[] };
  readonly groups: GroupConfiguration | null;
}

export interface TokenOccasion {
  readonly source: TokenSource;
  readonly scopes: readonly string[];
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

const NO_CHANGES = { set: {}, suppress: [] };
export const NO_OVERRIDES: TokenOverrides = {
  id: NO_CHANGES,
  access: { ...NO_CHANGES, addScopes: [], suppressScopes: [] },
  groups: null,
};

/** Claims that a trigger can neither set nor suppress; it may set `aud` to what it is. */
const FIXED =
  /^(acr|amr|at_hash|auth_time|azp|client_id|device_key|event_id|exp|iat|identities|iss|jti|nbf|nonce|origin_jti|scope|sub|token_use|username|version|cognito:.*|aws:.*|dev:.*)$/;

const NAMES = z.array(z.string()).nullish();
const SCOPES = z.array(z.string().regex(/^\S+$/)).nullish();
const GROUPS = z
  .object({ groupsToOverride: NAMES, iamRolesToOverride: NAMES, preferredRole: z.string().nullish() })
  .nullable()
  .optional();
const V1 = z.object({
  claimsOverrideDetails: z
    .object({
      claimsToAddOrOverride: z.record(z.string(), z.string()).nullish(),
      claimsToSuppress: NAMES,
      groupOverrideDetails: GROUPS,
    })
    .nullish(),
});
const CLAIMS = z.object({ claimsToAddOrOverride: z.record(z.string(), z.json()).nullish(), claimsToSuppress: NAMES });
const V2 = z.object({
  claimsAndScopeOverrideDetails: z
    .object({
      idTokenGeneration: CLAIMS.nullish(),
      accessTokenGeneration: CLAIMS.extend({ scopesToAdd: SCOPES, scopesToSuppress: SCOPES }).nullish(),
      groupOverrideDetails: GROUPS,
    })
    .nullish(),
});

/** Asks the pool's PreTokenGeneration trigger, of version two if there is one; `V1_0` changes the ID token and groups. */
export async function tokenOverrides(
  triggers: Triggers,
  pools: Pools,
  user: User,
  client: Client,
  { source: triggerSource, scopes, clientMetadata }: TokenOccasion,
): Promise<TokenOverrides> {
  const common = { triggerSource, ...occasion(user, client) };
  const request = {
    userAttributes: seenByTriggers(user),
    groupConfiguration: groupConfiguration(pools, user),
    clientMetadata,
  };
  if (triggers.has('PreTokenGenerationV2', user)) {
    const response = { claimsAndScopeOverrideDetails: null };
    const event = { version: '2', ...common, request: { ...request, scopes }, response };
    return ofVersionTwo(await triggers.run('PreTokenGenerationV2', event));
  }
  if (!triggers.has('PreTokenGeneration', user)) return NO_OVERRIDES;
  const event = { version: '1', ...common, request, response: { claimsOverrideDetails: null } };
  return ofVersionOne(await triggers.run('PreTokenGeneration', event));
}

function ofVersionOne(response: unknown): TokenOverrides {
  const { claimsOverrideDetails: details } = parsed(V1, response);
  return { ...NO_OVERRIDES, id: changes(details), groups: groups(details?.groupOverrideDetails) };
}

function ofVersionTwo(response: unknown): TokenOverrides {
  const { claimsAndScopeOverrideDetails: details } = parsed(V2, response);
  const { scopesToAdd, scopesToSuppress } = details?.accessTokenGeneration ?? {};
  const scopes = { addScopes: scopesToAdd ?? [], suppressScopes: scopesToSuppress ?? [] };
  return {
    id: changes(details?.idTokenGeneration),
    access: { ...changes(details?.accessTokenGeneration), ...scopes },
    groups: groups(details?.groupOverrideDetails),
  };
}

export function withChanges(claims: Claims, { set, suppress }: ClaimChanges, clientId: string): Claims {
  const isFree = (name: string) => !FIXED.test(name) && name !== 'aud';
  const kept = Object.entries(claims).filter(([name]) => !isFree(name) || !suppress.includes(name));
  const added = Object.entries(set).filter(([name, value]) => isFree(name) || (name === 'aud' && value === clientId));
  return Object.fromEntries([...kept, ...added]);
}

export function withScopes(scopes: readonly string[], { addScopes, suppressScopes }: TokenOverrides['access']): string {
  return [...new Set([...scopes, ...addScopes])].filter((scope) => !suppressScopes.includes(scope)).join(' ');
}

/** The groups as the trigger is told them, and as tokens show them. */
export function groupConfiguration(pools: Pools, user: User): GroupConfiguration {
  const all = pools.groupsOf(user);
  const roles = all.map(({ roleArn }) => roleArn).filter((roleArn) => roleArn !== undefined);
  return {
    groupsToOverride: all.map(({ name }) => name),
    iamRolesToOverride: roles,
    preferredRole: roles[0] ?? null,
  };
}

function changes(details: z.output<typeof CLAIMS> | null | undefined): ClaimChanges {
  return { set: details?.claimsToAddOrOverride ?? {}, suppress: details?.claimsToSuppress ?? [] };
}

/** Null or an empty object takes all groups away; only silence leaves them. */
function groups(details: z.output<typeof GROUPS>): GroupConfiguration | null {
  if (details === undefined) return null;
  return {
    groupsToOverride: details?.groupsToOverride ?? [],
    iamRolesToOverride: details?.iamRolesToOverride ?? [],
    preferredRole: details?.preferredRole ?? null,
  };
}

function parsed<T extends z.ZodType>(schema: T, response: unknown): z.output<T> {
  const { data, success } = schema.safeParse(response);
  if (!success) throw unrecognizable();
  return data;
}
