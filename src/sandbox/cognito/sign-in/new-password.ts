import { randomBytes } from 'node:crypto';
import type { AttributeType, InitiateAuthCommandOutput } from '@aws-sdk/client-cognito-identity-provider';
import { changed, readable, refuseUnwritable } from '../attributes.js';
import { type Passwords, policyOf } from '../passwords.js';
import { type Client, invalid, notAuthorized, type Output, type Pool, type Pools, type User } from '../pools.js';
import { Challenges } from './challenges.js';
import { type Parameters, required } from './parameters.js';

const PREFIX = 'userAttributes.';

/** Users with a temporary password choose their own, and add the required attributes they lack. */
export class NewPassword {
  private readonly challenges: Challenges<{ readonly sub: string }>;

  constructor(
    private readonly pools: Pools,
    private readonly passwords: Passwords,
  ) {
    this.challenges = new Challenges(pools, 'cognito.newPasswordChallenges');
  }

  ask(client: Client, user: User): Output<InitiateAuthCommandOutput> {
    const pool = this.pools.pool(user.poolId);
    const validDays = policyOf(pool).TemporaryPasswordValidityDays ?? 7;
    const ageMs = this.pools.clock.now().getTime() - Date.parse(user.passwordSetAt);
    if (ageMs > validDays * 86_400_000) {
      throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
    }
    const session = randomBytes(96).toString('base64url');
    this.challenges.put(session, client, { sub: user.sub });
    const { sub: _sub, ...attributes } = readable(client, user);
    return {
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: session,
      ChallengeParameters: {
        USER_ID_FOR_SRP: user.username,
        requiredAttributes: JSON.stringify(missing(pool, user.attributes).map((name) => `${PREFIX}${name}`)),
        userAttributes: JSON.stringify(attributes),
      },
    };
  }

  async answered(client: Client, user: User | undefined, session: string, responses: Parameters): Promise<User> {
    const password = required(responses, 'NEW_PASSWORD');
    this.challenges.get(session, client, ({ sub }) => sub === user?.sub);
    if (!user?.enabled) throw notAuthorized('User is disabled.');
    const pool = this.pools.pool(user.poolId);
    const changes = attributesIn(client, responses);
    const [absent] = missing(pool, changed(pool, user.attributes, changes)); // refused before the password is set
    if (absent !== undefined) throw invalid(`Invalid attributes given, ${absent} is missing`);
    const current = await this.passwords.set(user, password, 'CONFIRMED');
    this.challenges.drop(session);
    return this.pools.change(current, { attributes: changed(pool, current.attributes, changes) });
  }
}

function attributesIn(client: Client, responses: Parameters): AttributeType[] {
  const changes = Object.entries(responses)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, Value]) => ({ Name: name.slice(PREFIX.length), Value }));
  refuseUnwritable(
    client,
    changes.map(({ Name }) => Name),
  );
  return changes;
}

function missing(pool: Pool, attributes: User['attributes']): string[] {
  return pool.attributes
    .filter(({ Name = '', Required }) => Required && Name !== 'sub' && !attributes[Name])
    .map(({ Name = '' }) => Name);
}
