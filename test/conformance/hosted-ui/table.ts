import { ASKING } from './authorize.js';
import { LOOKING, STAYING } from './sessions-and-pages.js';
import { REDEEMING, USING } from './tokens.js';
import type { Section } from './world.js';

/** All that is known, believed or chosen about the domain of a user pool here. */
export const HOSTED_UI: readonly Section[] = [
  { title: 'asking for a sign-in', rows: ASKING },
  { title: 'codes and refresh tokens for tokens', rows: REDEEMING },
  { title: 'using and revoking tokens', rows: USING },
  { title: 'sessions at the pages', rows: STAYING },
  { title: 'the pages', rows: LOOKING },
];
