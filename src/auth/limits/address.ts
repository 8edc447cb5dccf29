import { isIP, isIPv6 } from 'node:net';

const GROUPS = 8;
const NETWORK_GROUPS = 4;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Some proxies write the port of the client too. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/;

/**
 * Whom an address counts for. A household has one IPv4 address, but 2^64 of IPv6: those count as their network. All that is
 * no address counts together, or whoever writes it could be somebody else each time.
 */
export function networkOf(written: string): string {
  const [, bracketed, plain] = WITH_PORT.exec(written) ?? [];
  const address = bracketed ?? plain ?? written;
  if (isIP(address) === 0) return 'no address';
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
  const [front = '', back] = (address.split('%')[0] ?? '').split('::');
  const first = groupsOf(front);
  const last = groupsOf(back ?? '');
  const missing = back === undefined ? 0 : GROUPS - first.length - last.length;
  const groups = [...first, ...Array<string>(Math.max(0, missing)).fill('0'), ...last];
  return `${groups.slice(0, NETWORK_GROUPS).map(canonical).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

function canonical(group: string): string {
  return Number.parseInt(group, 16).toString(16);
}
