import { Controller, Get, Header, HttpStatus, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/access.decorator.js';
import { type Readiness, ReadinessService } from './readiness.service.js';

@Public()
@Controller()
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  /** The process answers. Depends on nothing else. */
  @Get('healthz')
  @Header('cache-control', 'no-store')
  health(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether to send requests here: 200, or 503 with what is missing. */
  @Get('readyz')
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.readiness.check();
    reply.status(readiness.ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return readiness;
  }
}
