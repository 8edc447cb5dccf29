import { Controller, Get, Header, Headers, NotFoundException, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../../auth/access.decorator.js';
import { Config } from '../../config.js';
import { contentPolicy } from '../content-policy.js';
import { readBranding } from './branding-file.js';
import { type PortalFile, readPortalFiles } from './portal-files.js';

/** Addresses within the page; a reload of each of them gets the page. */
const PAGES = ['', 'plans', 'overview', 'usage', 'key', 'account'];
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_EACH_TIME = 'no-cache';

/** The page on which customers choose a plan: static files, and what they are told of this deployment. */
@Public()
@Controller()
export class PortalController {
  private readonly files: ReadonlyMap<string, PortalFile>;
  private readonly policy: string;

  constructor(private readonly config: Config) {
    const { portal, hostedUi } = config;
    const built = portal.isServed ? readPortalFiles() : new Map<string, PortalFile>();
    const ours = portal.brandingFile === null ? [] : [['branding.json', readBranding(portal.brandingFile)] as const];
    this.files = new Map([...built, ...ours]);
    const places = [hostedUi, portal.apiUrl && new URL(portal.apiUrl).origin];
    this.policy = contentPolicy({ connect: [...new Set(places.filter((place) => place !== null))] });
  }

  /** Nothing here is secret: it is what a browser needs to find Cognito and the API. */
  @Get('portal.json')
  @Header('cache-control', 'no-store')
  settings() {
    const { portal, region, userPoolId, clientIds, tokenUse, hostedUi } = this.config;
    if (!portal.isServed) throw new NotFoundException('The portal is switched off.');
    return {
      issuer: `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
      clientId: clientIds[0],
      hostedUi,
      token: tokenUse,
      api: portal.apiUrl && { url: portal.apiUrl, tryPath: portal.apiTryPath, token: portal.apiToken },
    };
  }

  @Get(PAGES)
  page(@Headers('accept-encoding') accepted: string | undefined, @Res({ passthrough: true }) reply: FastifyReply) {
    reply.header('content-security-policy', this.policy);
    return this.sent('index.html', ASK_EACH_TIME, accepted, reply);
  }

  @Get('assets/:file')
  asset(
    @Param('file') name: string,
    @Headers('accept-encoding') accepted: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.sent(`assets/${name}`, FOR_EVER, accepted, reply);
  }

  @Get('branding.json')
  branding(@Headers('accept-encoding') accepted: string | undefined, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.sent('branding.json', ASK_EACH_TIME, accepted, reply);
  }

  @Get('icon.svg')
  icon(@Headers('accept-encoding') accepted: string | undefined, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.sent('icon.svg', ASK_EACH_TIME, accepted, reply);
  }

  private sent(path: string, caching: string, accepted: string | undefined, reply: FastifyReply): Buffer {
    const file = this.files.get(path);
    if (!file) throw new NotFoundException(this.absence());
    reply.type(file.type).header('cache-control', caching).header('vary', 'accept-encoding');
    const gzipped = /\bgzip\b/.test(accepted ?? '') ? file.gzipped : null;
    if (!gzipped) return file.body;
    reply.header('content-encoding', 'gzip');
    return gzipped;
  }

  private absence(): string {
    if (!this.config.portal.isServed) return 'The portal is switched off.';
    return this.files.has('index.html') ? 'There is no such file.' : 'The portal is not built: run `npm run build`.';
  }
}
