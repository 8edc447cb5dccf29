import { randomInt } from 'node:crypto';
import type { CodeDeliveryDetailsType } from '@aws-sdk/client-cognito-identity-provider';
import type { Table } from '../store.js';
import { ServiceFailure } from '../wire.js';
import type { Pool, Pools, User } from './pools.js';

export type Attribute = 'email' | 'phone_number';
type Purpose = 'sign-up' | 'password-reset' | Attribute;

export interface Letter {
  readonly to: string;
  readonly code: string;
  readonly kind: 'sign-up' | 'verification' | 'invitation' | 'password-reset';
  readonly at: string;
}

interface Code {
  readonly code: string;
  readonly attribute: Attribute;
  readonly expiresAt: number;
}

interface Attempts {
  readonly count: number;
  readonly since: number;
}

const CODE_LIFE_SECONDS = 24 * 3600;
const RESET_LIFE_SECONDS = 3600;
const ATTEMPTS_SECONDS = 3600;

/** How often in an hour a user may ask for a code of each kind, and try one. */
const MOST = { 'resend-sign-up': 5, 'ask-password-reset': 5, 'ask-verification': 5, redeem: 15 };

/** What Cognito would have sent by e-mail or SMS, and the codes it would take back. */
export class Mailbox {
  private readonly codes: Table<Code>;
  private readonly letters: Table<Letter>;
  private readonly attempts: Table<Attempts>;

  constructor(private readonly pools: Pools) {
    this.codes = pools.store.table<Code>('cognito.codes');
    this.letters = pools.store.table<Letter>('cognito.mail');
    this.attempts = pools.store.table<Attempts>('cognito.attempts');
  }

  mail(): Letter[] {
    return this.letters.values();
  }

  /** To the attribute the pool verifies by itself, if the user has it. */
  sendCode(pool: Pool, user: User, purpose: Purpose): CodeDeliveryDetailsType | undefined {
    const wanted = (['phone_number', 'email'] as const).filter((name) => purpose === 'sign-up' || purpose === name);
    const attribute = wanted.find(
      (name) => pool.settings.AutoVerifiedAttributes?.includes(name) && user.attributes[name],
    );
    if (attribute === undefined) return undefined;
    return this.sendCodeTo(attribute, user, purpose);
  }

  sendCodeTo(attribute: Attribute, user: User, purpose: Purpose): CodeDeliveryDetailsType {
    const to = user.attributes[attribute] ?? '';
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    const life = purpose === 'password-reset' ? RESET_LIFE_SECONDS : CODE_LIFE_SECONDS;
    this.codes.put(codeKey(user, purpose), { code, attribute, expiresAt: this.pools.clock.seconds() + life });
    this.send({ to, code, kind: purpose === 'email' || purpose === 'phone_number' ? 'verification' : purpose });
    return delivery(attribute, to);
  }

  refuseTooMany(user: User, what: keyof typeof MOST, purpose: Purpose): void {
    const now = this.pools.clock.seconds();
    const key = `${codeKey(user, purpose)}/${what}`;
    const known = this.attempts.get(key);
    const { count, since } = known && now - known.since < ATTEMPTS_SECONDS ? known : { count: 0, since: now };
    if (count >= MOST[what]) {
      throw new ServiceFailure('LimitExceededException', 'Attempt limit exceeded, please try after some time.');
    }
    this.attempts.put(key, { count: count + 1, since });
  }

  sendInvitation(user: User, password: string): void {
    const to = user.attributes.email ?? user.attributes.phone_number;
    if (to !== undefined) this.send({ to, code: password, kind: 'invitation' });
  }

  /** The attribute the code was sent to; the code is used up. */
  redeem(user: User, purpose: Purpose, code: string): Attribute {
    this.refuseTooMany(user, 'redeem', purpose);
    const known = this.codes.get(codeKey(user, purpose));
    if (!known || known.expiresAt <= this.pools.clock.seconds()) {
      throw new ServiceFailure('ExpiredCodeException', 'Invalid code provided, please request a code again.');
    }
    if (known.code !== code) {
      throw new ServiceFailure('CodeMismatchException', 'Invalid verification code provided, please try again.');
    }
    this.codes.delete(codeKey(user, purpose));
    return known.attribute;
  }

  private send(letter: Omit<Letter, 'at'>): void {
    const number = String(this.letters.size + 1).padStart(8, '0');
    this.letters.put(number, { ...letter, at: this.pools.now() });
  }
}

/** Names the address without giving it away; also the answer about somebody who does not exist. */
export function delivery(attribute: Attribute, to: string): CodeDeliveryDetailsType {
  if (attribute === 'phone_number') {
    return { AttributeName: attribute, DeliveryMedium: 'SMS', Destination: `+*******${to.slice(-4)}` };
  }
  const [name = '', domain = ''] = to.split('@');
  const Destination = `${name.charAt(0)}***@${domain.charAt(0)}***`;
  return { AttributeName: attribute, DeliveryMedium: 'EMAIL', Destination };
}

function codeKey(user: User, purpose: Purpose): string {
  return `${user.poolId}/${user.sub}/${purpose}`;
}
