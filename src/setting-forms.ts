import { isIP } from 'node:net';
import * as z from 'zod';

const HOPS = /^\d{1,2}$/;
const NETWORK = /^([0-9a-f.:]+)(\/\d{1,3})?$/i;
const NAMED_NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

/** The forms that settings may have; each says what it must be, never what it was. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
export const atLeastOne = list.refine((parts) => parts.length > 0, 'must name at least one');
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);
export const access = z.enum(['off', 'admin', 'on'], 'must be off, admin or on');
export const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  message: 'must be an origin such as https://www.example.com, without a path',
});

export const factor = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,6})?$/, 'must be a number above 0, such as 0.5 or 2')
  .transform(Number)
  .refine((value) => value > 0, 'must be above 0');
export const redisUrl = z.string().refine((text) => /^rediss?:\/\/./.test(text) && URL.canParse(text), {
  message: 'must be a URL such as redis://host:6379 or rediss://user:password@host:6379',
});

export const proxies = list
  .refine((parts) => (parts.length === 1 && HOPS.test(parts[0] ?? '')) || parts.every(isNetwork), {
    message:
      'must be how many proxies stand in front, such as 1, or their addresses, such as 10.0.0.0/8, with commas between',
  })
  .transform((parts) => (HOPS.test(parts[0] ?? '') ? Number(parts[0]) : parts));
export const perCaller = wholeNumber(0, 1_000_000);

function isNetwork(text: string): boolean {
  const [, address = '', length = ''] = NETWORK.exec(text) ?? [];
  const bits = isIP(address) === 6 ? 128 : 32;
  return NAMED_NETWORKS.includes(text) || (isIP(address) !== 0 && Number(length.slice(1)) <= bits);
}
