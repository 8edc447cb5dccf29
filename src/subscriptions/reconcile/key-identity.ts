import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KeySecrets } from '../../aws/secrets/key-secrets.js';
import { Config } from '../../config.js';
import { Secret } from '../../secret.js';

const GENERATION_DIGITS = 6;
const VALUE_LENGTH = 40;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Prefix, pool, `sub` and generation, as the name of each key of any Turnpike is made up; the first two are its fleet. */
const MADE_BY_TURNPIKE = /^([a-z0-9-]{1,20}\.[\w-]+_[A-Za-z0-9]+\.).+\.\d{6}$/;

/**
 * Names, values and signatures that follow from who the customer is: whoever makes a customer's n-th key makes the same
 * key, and API Gateway refuses the second one because values are unique.
 */
@Injectable()
export class KeyIdentity {
  constructor(
    private readonly config: Config,
    private readonly secrets: KeySecrets,
  ) {}

  /** What the names of all keys of this deployment and pool start with, delimiter included. */
  get fleetPrefix(): string {
    return fleetPrefixOf(this.config);
  }

  /** Whose key it is, by its name; null when it is none of ours. */
  owner(name: string): string | null {
    const rest = name.startsWith(this.fleetPrefix) ? name.slice(this.fleetPrefix.length) : '';
    return /^(.+)\.\d{6}$/.exec(rest)?.[1] ?? null;
  }

  /** What the names of all keys of this customer start with, delimiter included. */
  namePrefix(sub: string): string {
    return `${this.fleetPrefix}${sub}.`;
  }

  name(sub: string, generation: number): string {
    return this.namePrefix(sub) + String(generation).padStart(GENERATION_DIGITS, '0');
  }

  /** The generation a key's name says, or null when the key is not this customer's. */
  generation(sub: string, name: string): number | null {
    const digits = name.startsWith(this.namePrefix(sub)) ? name.slice(this.namePrefix(sub).length) : '';
    return /^\d{6}$/.test(digits) ? Number(digits) : null;
  }

  value(sub: string, generation: number): Secret {
    return this.derive(this.secrets.all()[0], sub, generation);
  }

  /** Whether the value is that of this customer's key of this generation, under any of the secrets. */
  isValue(value: Secret, sub: string, generation: number): boolean {
    return this.secrets.all().some((secret) => this.derive(secret, sub, generation).equals(value));
  }

  /** Whether a change of secret is under way: then two values of one generation are possible. */
  get isChangingSecret(): boolean {
    return this.secrets.all().length > 1;
  }

  sign(sub: string, plan: string): string {
    return this.mac(this.secrets.all()[0], sub, plan).toString('base64url');
  }

  isSigned(sub: string, plan: string, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url');
    return this.secrets.all().some((secret) => {
      const due = this.mac(secret, sub, plan);
      return given.length === due.length && timingSafeEqual(given, due);
    });
  }

  private derive(secret: KeyObject, sub: string, generation: number): Secret {
    const text = `key|${this.config.userPoolId}|${sub}|${generation}`;
    return new Secret(base62(createHmac('sha256', secret).update(text).digest()));
  }

  private mac(secret: KeyObject, sub: string, plan: string): Buffer {
    return createHmac('sha256', secret).update(`plan|${this.config.userPoolId}|${sub}|${plan}`).digest();
  }
}

/** What the names of all keys of a deployment and pool start with, delimiter included. */
export function fleetPrefixOf({ keyPrefix, userPoolId }: Pick<Config, 'keyPrefix' | 'userPoolId'>): string {
  return `${keyPrefix}.${userPoolId}.`;
}

/** What the names of all keys of its deployment and pool start with, delimiter included; null when no Turnpike made it. */
export function fleetOf(name: string): string | null {
  return MADE_BY_TURNPIKE.exec(name)?.[1] ?? null;
}

/** How many of these keys Turnpike made under another prefix or pool than ours, by what their names start with. */
export function otherFleets(names: readonly string[], ours: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const fleet = fleetOf(name);
    if (fleet !== null && fleet !== ours) counts.set(fleet, (counts.get(fleet) ?? 0) + 1);
  }
  return counts;
}

/** 32 bytes as base62: letters and digits only, as AWS documents key values; 40 to 43 characters. */
function base62(bytes: Buffer): string {
  let number = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  while (number > 0n) {
    text = BASE62.charAt(Number(number % 62n)) + text;
    number /= 62n;
  }
  return text.padStart(VALUE_LENGTH, '0');
}
