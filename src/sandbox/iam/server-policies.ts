import { readFileSync } from 'node:fs';
import { ACCOUNT_ID } from '../gateway/rest-api/drafts.js';
import { KMS_KEY } from '../kms/kms.js';
import { REGION, USER_POOL_ID } from '../seed.js';
import type { Policies } from './iam.js';

/** Whom the server of a sandbox signs as. Everybody else stays without a policy, and may do everything. */
export const SERVER_ACCESS_KEY_ID = 'turnpike-server';

const FILES = ['iam-policy.json', 'iam-policy-plans.json', 'iam-policy-kms.json'];

/** The server under the policies that operators give it, so that a right that is missing there is missing here. */
export function serverPolicies(): Policies {
  return { [SERVER_ACCESS_KEY_ID]: FILES.map(policyInPlace) };
}

/** A policy of `infra/` with the sandbox's Region, account, pool and KMS key put in, as its reader is told to. */
export function policyInPlace(file: string): unknown {
  const text = readFileSync(new URL(`../../../infra/${file}`, import.meta.url), 'utf8');
  return JSON.parse(
    text
      .replaceAll('KMS_KEY_ID', KMS_KEY.id)
      .replaceAll('REGION', REGION)
      .replaceAll('ACCOUNT', ACCOUNT_ID)
      .replaceAll('POOL_ID', USER_POOL_ID),
  );
}
