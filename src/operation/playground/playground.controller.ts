import { Controller, Get, NotFoundException, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../../auth/access.decorator.js';
import { Config } from '../../config.js';
import { readPlaygroundFiles, type StaticFile } from './playground-files.js';
import { GRAPHIQL_PATH } from './playground-page.js';

/** The files of the playground; the page itself is the landing page of the GraphQL endpoint. */
@Controller(GRAPHIQL_PATH)
export class PlaygroundController {
  private readonly files: ReadonlyMap<string, StaticFile>;

  constructor({ graphiql }: Config) {
    this.files = graphiql === 'off' ? new Map() : readPlaygroundFiles();
  }

  @Public()
  @Get(':file')
  file(@Param('file') name: string, @Res({ passthrough: true }) reply: FastifyReply): string {
    const file = this.files.get(name);
    if (!file) throw new NotFoundException();
    reply.type(file.type).header('cache-control', 'public, max-age=3600');
    return file.body;
  }
}
