import type { Section } from '../cognito-rows.js';
import { ATTRIBUTES } from './attributes.js';
import { CLIENTS } from './clients.js';
import { CREATED } from './created.js';
import { GROUPS } from './groups.js';
import { LISTS } from './lists.js';
import { NAMES } from './names.js';
import { POOLS } from './pools.js';
import { CODES, FORGOTTEN, NEW_PASSWORDS, RESETS, SCHEMA } from './recovery.js';
import { REFRESHING, ROTATION, SCOPES } from './refresh.js';
import { SEARCHES, SECRETS } from './secrets-and-searches.js';
import { SIGN_INS } from './sign-in.js';
import { SIGN_UPS } from './sign-up.js';
import { SRP } from './srp.js';
import { TOKENS } from './tokens.js';
import { USERS } from './users.js';
import { WIRE } from './wire.js';

/** All that is known, believed or chosen about Amazon Cognito here, but for its triggers. */
export const COGNITO: readonly Section[] = [
  { title: 'the wire', rows: WIRE },
  { title: 'user pools', rows: POOLS },
  { title: 'app clients', rows: CLIENTS },
  { title: 'secret hashes', rows: SECRETS },
  { title: 'sign-up', rows: SIGN_UPS },
  { title: 'users made by an admin', rows: CREATED },
  { title: 'names of users', rows: NAMES },
  { title: 'what is told of users', rows: USERS },
  { title: 'attributes', rows: ATTRIBUTES },
  { title: 'schema', rows: SCHEMA },
  { title: 'sign-in', rows: SIGN_INS },
  { title: 'sign-in by SRP', rows: SRP },
  { title: 'forgotten passwords', rows: FORGOTTEN },
  { title: 'passwords reset by an admin', rows: RESETS },
  { title: 'new passwords', rows: NEW_PASSWORDS },
  { title: 'codes', rows: CODES },
  { title: 'tokens', rows: TOKENS },
  { title: 'refreshing', rows: REFRESHING },
  { title: 'refresh token rotation', rows: ROTATION },
  { title: 'scopes', rows: SCOPES },
  { title: 'groups', rows: GROUPS },
  { title: 'lists', rows: LISTS },
  { title: 'searching users', rows: SEARCHES },
];
