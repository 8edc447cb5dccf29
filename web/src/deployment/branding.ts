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

const DARK_TEXT = '#0c1412';
const LIGHT_TEXT = '#ffffff';

export async function loadBranding(): Promise<Branding> {
  const reply = await fetch('/branding.json', { signal: AbortSignal.timeout(15_000) });
  if (!reply.ok) throw new Error(`branding.json: ${reply.status}`);
  return (await reply.json()) as Branding;
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

/** Whichever of the two stands out more. */
export function readableOn(colour: string): string {
  const back = luminance(colour);
  const contrast = (text: string) => {
    const [low = 0, high = 0] = [back, luminance(text)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  return contrast(LIGHT_TEXT) >= contrast(DARK_TEXT) ? LIGHT_TEXT : DARK_TEXT;
}

/** As WCAG reckons it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((from) => Number.parseInt(colour.slice(from, from + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
