// A function that answers bytes which are no text in any encoding, by the same rules as the server's own handler.
import { awsLambdaFastify } from '@fastify/aws-lambda';
import { fastify } from 'fastify';
import { PASSING } from '../../dist/lambda.js';

const app = fastify();
app.get('/bytes', (_request, reply) =>
  reply.type('font/woff2').send(Buffer.from(Array.from({ length: 256 }, (_, i) => i))),
);
await app.ready();

export const http = awsLambdaFastify(app, { ...PASSING });
