/** Characters that steer terminals, break lines or turn text around. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** What has the form of a token, or of a key's value: 40 letters and digits in a row, which no id has. */
const SECRETS = /eyJ[\w-]{8,}(\.[\w-]*)*|[A-Za-z0-9]{40,}/g;

/** Text of others, fit to stand in a line of its own: without what steers, without secrets pasted by mistake, clipped. */
export function cleanText(text: string, maxLength: number): string {
  const harmless = text
    .slice(0, 20 * maxLength)
    .replace(STEERING, ' ')
    .replace(SECRETS, '[removed]')
    .trim();
  const characters = [...harmless];
  return characters.length <= maxLength ? harmless : `${characters.slice(0, maxLength - 1).join('')}…`;
}
