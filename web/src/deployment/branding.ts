import { readableOn } from '../words/colours.js';

/** The one file that makes the page a vendor's own: `/branding.json`. */
export interface Branding {
  readonly name: string;
  readonly tagline?: string;
  /** An address on this host or a `data:` image; null = the first letter of the name. */
  readonly logo: string | null;
  readonly accent: { readonly light: string; readonly dark: string };
  readonly links: readonly { readonly title: string; readonly url: string }[];
  /** Where customers write to, `mailto:` or a page; null = nowhere. */
  readonly support: string | null;
}

/** What the file may leave out, as the server has it too. */
const DEFAULTS = { logo: null, links: [], support: null };

export async function loadBranding(): Promise<Branding> {
  const reply = await fetch('/branding.json', { signal: AbortSignal.timeout(15_000) });
  if (!reply.ok) throw new Error(`branding.json: ${reply.status}`);
  return { ...DEFAULTS, ...((await reply.json()) as Branding) };
}

/** By the style object, which a policy without `unsafe-inline` allows. */
export function wear({ name, accent }: Branding): void {
  const { style } = document.documentElement;
  for (const [mode, colour] of Object.entries(accent)) {
    style.setProperty(`--accent-${mode}`, colour);
    style.setProperty(`--on-accent-${mode}`, readableOn(colour));
  }
  document.title = name;
}
