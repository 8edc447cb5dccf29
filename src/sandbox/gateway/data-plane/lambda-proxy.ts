import * as z from 'zod';
import type { SandboxReply } from '../../http.js';
import type { Integration } from '../rest-api/definition.js';
import type { Caller, RoutedCall } from './call.js';
import { invoke, NoSuchFunction, type SandboxFunctions } from './functions.js';
import { isBinaryType, proxyEvent, traceId } from './lambda-event.js';
import { MISCONFIGURED, Refusal } from './refusal.js';

/** What a function must answer: nothing but these members; an empty object is an empty 200. */
const answerSchema = z.strictObject({
  statusCode: z.coerce.number().int().min(100).max(599).default(200),
  headers: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()]).transform(String)).nullish(),
  multiValueHeaders: z
    .record(z.string(), z.array(z.union([z.string(), z.boolean(), z.number()]).transform(String)))
    .nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

type Answer = z.output<typeof answerSchema>;

/** Headers a function may not set: they reach the caller under another name. */
const REMAPPED = (
  'authorization connection content-length content-md5 date expect host max-forwards proxy-authenticate server te ' +
  'transfer-encoding upgrade user-agent via warn www-authenticate'
).split(' ');

/** Hands the whole request to a function, and its answer to the caller. */
export async function proxyToFunction(
  functions: SandboxFunctions,
  integration: Integration,
  call: RoutedCall,
  caller: Caller,
): Promise<SandboxReply> {
  if (integration.httpMethod !== 'POST') throw MISCONFIGURED();
  const answer = await inTime(integration.timeoutInMillis, answerOf(functions, integration, proxyEvent(call, caller)));
  const read = answerSchema.safeParse(answer);
  if (!read.success) throw MISCONFIGURED(502);
  return replied(read.data, call);
}

/** A function that fails has answered with its error, which is no answer in the expected form. */
async function answerOf(functions: SandboxFunctions, { uri }: Integration, event: object): Promise<unknown> {
  try {
    return await invoke(functions, uri, event);
  } catch (error) {
    throw MISCONFIGURED(error instanceof NoSuchFunction ? 500 : 502);
  }
}

async function inTime(milliseconds: number, answer: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const refusal = new Refusal('INTEGRATION_TIMEOUT', 'InternalServerErrorException', 'Endpoint request timed out');
    timer = setTimeout(() => reject(refusal), milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function replied(
  { statusCode, headers, multiValueHeaders, body, isBase64Encoded }: Answer,
  call: RoutedCall,
): SandboxReply {
  const wantsBytes = isBinaryType(call.deployment.binaryMediaTypes, call.request.headers.accept ?? '*/*');
  return {
    status: statusCode,
    headers: { 'X-Amzn-Trace-Id': traceId(), ...merged(headers, multiValueHeaders) },
    ...(isBase64Encoded && wantsBytes ? { bytes: Buffer.from(body ?? '', 'base64') } : { body: body ?? '' }),
  };
}

/** Where a header is in both maps, the lists win. */
function merged(headers: Answer['headers'], lists: Answer['multiValueHeaders']): Record<string, string | string[]> {
  const given = new Map<string, [string, string | string[]]>([['content-type', ['content-type', 'application/json']]]);
  for (const [name, value] of Object.entries(headers ?? {})) given.set(name.toLowerCase(), [name, value]);
  for (const [name, values] of Object.entries(lists ?? {})) given.set(name.toLowerCase(), [name, values]);
  return Object.fromEntries([...given.values()].map(([name, value]) => [allowedName(name), value]));
}

function allowedName(name: string): string {
  return REMAPPED.includes(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name;
}
