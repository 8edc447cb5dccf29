/** What a page may load and whom its scripts may call: nothing but this server, and the origins in `connect`. */
export function contentPolicy({ connect = [] }: { readonly connect?: readonly string[] } = {}): string {
  const sources = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'connect-src': ["'self'", ...connect].join(' '),
    'img-src': "'self' data:",
    'font-src': "'self' data:",
    'frame-ancestors': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
  };
  return Object.entries(sources)
    .map(([directive, allowed]) => `${directive} ${allowed}`)
    .join('; ');
}
