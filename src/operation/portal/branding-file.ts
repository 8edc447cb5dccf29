import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import * as z from 'zod';
import { ConfigError } from '../../config.js';
import { PortalFile } from './portal-files.js';

const LOGO_TYPES: Readonly<Record<string, string>> = { '.svg': 'image/svg+xml', '.png': 'image/png' };

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #2557d6');
const link = z.string().refine(isLink, 'must begin with https:, http: or mailto:');

const branding = z.strictObject({
  name: z.string().min(1).max(60),
  tagline: z.string().max(200).optional(),
  logo: z.string().nullable().default(null),
  accent: z.strictObject({ light: colour, dark: colour }),
  links: z
    .array(z.strictObject({ title: z.string().min(1).max(40), url: link }))
    .max(8)
    .default([]),
  support: link.nullable().default(null),
});

/** The file that `PORTAL_BRANDING` names, looked through; a logo beside it is put into it. */
export function readBranding(path: string): PortalFile {
  const brand = parsed(path);
  const logo = brand.logo === null || /^(data:image\/|\/)/.test(brand.logo) ? brand.logo : asData(path, brand.logo);
  return new PortalFile('.json', Buffer.from(JSON.stringify({ ...brand, logo })));
}

function parsed(path: string): z.output<typeof branding> {
  const result = branding.safeParse(jsonIn(textOf(path)));
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map(({ path: place, message }) => `PORTAL_BRANDING: ${place.join('.')} ${message}`),
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(['PORTAL_BRANDING names a file that cannot be read']);
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(['PORTAL_BRANDING names a file that is not JSON']);
  }
}

function asData(path: string, logo: string): string {
  const type = LOGO_TYPES[extname(logo)];
  if (type === undefined) throw new ConfigError(['PORTAL_BRANDING: logo must be an .svg or .png file']);
  try {
    return `data:${type};base64,${readFileSync(join(dirname(path), logo)).toString('base64')}`;
  } catch {
    throw new ConfigError(['PORTAL_BRANDING: logo cannot be read']);
  }
}

function isLink(text: string): boolean {
  return URL.canParse(text) && ['https:', 'http:', 'mailto:'].includes(new URL(text).protocol);
}
