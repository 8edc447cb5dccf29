import { withoutSecrets } from '../../redaction.js';

/** Characters that steer terminals, break lines or turn text around. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** Text of others, fit to stand in a line of its own: without what steers, without secrets pasted by mistake, clipped. */
export function cleanText(text: string, maxLength: number): string {
  const harmless = withoutSecrets(text.slice(0, 20 * maxLength).replace(STEERING, ' ')).trim();
  const characters = [...harmless];
  return characters.length <= maxLength ? harmless : `${characters.slice(0, maxLength - 1).join('')}…`;
}
