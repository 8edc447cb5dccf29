/** The attributes of a user in which the pool holds what a customer is meant to have; nobody else names them. */
export const ATTRIBUTE = {
  plan: 'custom:plan',
  planSignature: 'custom:plan_sig',
  suspended: 'custom:suspended',
  grant: 'custom:quota_grant',
  deleting: 'custom:deleting',
  floor: 'custom:key_floor',
  keyId: 'custom:api_key_id',
  keyGeneration: 'custom:key_gen',
} as const;

/** All attributes that Turnpike keeps on a user. */
export const ATTRIBUTE_NAMES: readonly string[] = Object.values(ATTRIBUTE);
