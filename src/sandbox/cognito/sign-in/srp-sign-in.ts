import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { InitiateAuthCommandOutput } from '@aws-sdk/client-cognito-identity-provider';
import type { Passwords } from '../passwords.js';
import { type Client, invalid, notAuthorized, type Output, type Pools, type User } from '../pools.js';
import { Challenges } from './challenges.js';
import { type Parameters, required } from './parameters.js';
import { meaninglessB, signature, srpExchange } from './srp.js';

interface SrpChallenge {
  /** Null for somebody who does not exist, or whose password was never seen: no proof will do. */
  readonly sub: string | null;
  readonly key: string;
}

const LONGEST_A = 2 * 512;

/** Users prove that they know their password without sending it. */
export class SrpSignIn {
  private readonly challenges: Challenges<SrpChallenge>;
  /** Makes what is answered about somebody who does not exist the same each time, as long as the sandbox runs. */
  private readonly pretence = randomBytes(32);

  constructor(
    private readonly pools: Pools,
    private readonly passwords: Passwords,
  ) {
    this.challenges = new Challenges(pools, 'cognito.srpChallenges');
  }

  /** `user` undefined gets a challenge like any other, which nobody can answer. */
  ask(client: Client, user: User | undefined, parameters: Parameters): Output<InitiateAuthCommandOutput> {
    const publicA = required(parameters, 'SRP_A');
    if (!/^[\da-f]+$/i.test(publicA) || publicA.length > LONGEST_A) throw invalid('SRP_A is not a hexadecimal number.');
    const exchange = user?.srp ? srpExchange(user.srp, publicA) : { publicB: meaninglessB(), key: randomBytes(16) };
    if (!exchange) throw invalid('SRP_A must not be a multiple of N.');
    const secretBlock = randomBytes(512).toString('base64');
    const sub = user?.srp ? user.sub : null;
    this.challenges.put(secretBlock, client, { sub, key: exchange.key.toString('hex') });
    const pretended = this.pretended(client, required(parameters, 'USERNAME'));
    const userId = user?.username ?? pretended.userId;
    return {
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeParameters: {
        SALT: user?.srp?.salt ?? pretended.salt,
        SECRET_BLOCK: secretBlock,
        SRP_B: exchange.publicB,
        USERNAME: userId,
        USER_ID_FOR_SRP: userId,
      },
    };
  }

  /** Each challenge can be answered once. */
  async proven(client: Client, user: User | undefined, responses: Parameters): Promise<User> {
    const secretBlock = required(responses, 'PASSWORD_CLAIM_SECRET_BLOCK');
    const claimed = Buffer.from(required(responses, 'PASSWORD_CLAIM_SIGNATURE'), 'base64');
    const timestamp = required(responses, 'TIMESTAMP');
    if (!/^[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d [A-Z]+ \d{4}$/.test(timestamp)) {
      throw invalid('TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.');
    }
    const { sub, key } = this.challenges.get(
      secretBlock,
      client,
      (content) => content.sub === (user?.srp ? user.sub : null),
    );
    this.challenges.drop(secretBlock);
    if (!user || sub === null) throw notAuthorized('Incorrect username or password.');
    if (!user.enabled) throw notAuthorized('User is disabled.');
    const claim = {
      poolId: user.poolId,
      userId: user.username,
      secretBlock: Buffer.from(secretBlock, 'base64'),
      timestamp,
    };
    const expected = signature(Buffer.from(key, 'hex'), claim);
    const isProven = () => claimed.length === expected.length && timingSafeEqual(claimed, expected);
    await this.passwords.refuseUnproven(user, isProven);
    return this.pools.user(this.pools.pool(user.poolId), user.username);
  }

  private pretended(client: Client, name: string) {
    const hex = createHmac('sha256', this.pretence).update(`${client.poolId}/${name.toLowerCase()}`).digest('hex');
    const userId = hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-a$4-$5');
    return { userId, salt: hex.slice(32) };
  }
}
