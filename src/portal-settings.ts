import * as z from 'zod';

/** What the portal is told; customers' browsers see all of it. */
export interface PortalSettings {
  /** Whether this server serves the page and its settings. */
  readonly isServed: boolean;
  /** Where the API that is sold is called, without a slash at its end; null = the portal shows no calls. */
  readonly apiUrl: string | null;
  /** The path below it that the portal offers for a first call. */
  readonly apiTryPath: string;
  /** The token that the API wants beside the key. */
  readonly apiToken: 'id' | 'access' | 'none';
  /** A file with name, logo, colours and links; null = the one that the page was built with. */
  readonly brandingFile: string | null;
}

const apiUrl = z.string().refine(isApiUrl, 'must be a URL such as https://api.example.com/v1, with nothing behind it');

export const PORTAL_VARIABLES = {
  PORTAL: z.enum(['off', 'on'], 'must be off or on').default('on'),
  PORTAL_BRANDING: z.string().optional(),
  API_URL: apiUrl.optional(),
  API_TRY_PATH: z
    .string()
    .regex(/^\/[\w\-.~%/?=&]*$/, 'must be a path such as /pets')
    .default('/'),
  API_TOKEN: z.enum(['id', 'access', 'none'], 'must be id, access or none').default('id'),
};

export function portalSettings(env: {
  readonly PORTAL: 'off' | 'on';
  readonly PORTAL_BRANDING?: string | undefined;
  readonly API_URL?: string | undefined;
  readonly API_TRY_PATH: string;
  readonly API_TOKEN: PortalSettings['apiToken'];
}): PortalSettings {
  return {
    isServed: env.PORTAL === 'on',
    apiUrl: env.API_URL?.replace(/\/$/, '') ?? null,
    apiTryPath: env.API_TRY_PATH,
    apiToken: env.API_TOKEN,
    brandingFile: env.PORTAL_BRANDING ?? null,
  };
}

function isApiUrl(text: string): boolean {
  if (!/^https?:\/\/./.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return [username, password, search, hash].every((part) => part === '');
}
