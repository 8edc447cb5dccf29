import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import { isTrue, unescaped, withEntry } from '../patches.js';
import { badRequest } from '../replies.js';
import type { MethodSetting, Stage } from './definition.js';

const FRESH: MethodSetting = {
  metricsEnabled: false,
  dataTraceEnabled: false,
  throttlingBurstLimit: 5000,
  throttlingRateLimit: 10_000,
  cachingEnabled: false,
  cacheTtlInSeconds: 300,
  cacheDataEncrypted: false,
  requireAuthorizationForCacheControl: true,
  unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITH_RESPONSE_HEADER',
};

/** What a patch of one setting writes: the end of its path, and the setting it means. */
const SETTINGS: Readonly<Record<string, (value: string) => Partial<MethodSetting>>> = {
  'metrics/enabled': (value) => ({ metricsEnabled: isTrue(value) }),
  'logging/dataTrace': (value) => ({ dataTraceEnabled: isTrue(value) }),
  'logging/loglevel': (loggingLevel) => ({ loggingLevel }),
  'throttling/burstLimit': (value) => ({ throttlingBurstLimit: number(value) }),
  'throttling/rateLimit': (value) => ({ throttlingRateLimit: number(value) }),
  'caching/ttlInSeconds': (value) => ({ cacheTtlInSeconds: number(value) }),
  'caching/enabled': (value) => ({ cachingEnabled: isTrue(value) }),
  'caching/dataEncrypted': (value) => ({ cacheDataEncrypted: isTrue(value) }),
  'caching/requireAuthorizationForCacheControl': (value) => ({ requireAuthorizationForCacheControl: isTrue(value) }),
  'caching/unauthorizedCacheControlHeaderStrategy': (value) => ({ unauthorizedCacheControlHeaderStrategy: value }),
};

/** The list as AWS prints it, its missing commas included. */
const PATHS =
  '/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, ' +
  '/accessLogSettings/destinationArn, /accessLogSettings/format, ' +
  ['/{resourcePath}/{httpMethod}', '/*/*']
    .map((method) => {
      const separator = method.includes('*') ? ' ' : '';
      const throttling = ['throttling/burstLimit', 'throttling/rateLimit', 'caching/ttlInSeconds'];
      const others = ['enabled', 'dataEncrypted', 'requireAuthorizationForCacheControl'];
      return [
        ...['metrics/enabled', 'logging/dataTrace', 'logging/loglevel'].map((setting) => `${method}/${setting}`),
        throttling.map((setting) => `${method}/${setting}`).join(separator),
        ...[...others, 'unauthorizedCacheControlHeaderStrategy'].map((setting) => `${method}/caching/${setting}`),
      ].join(', ');
    })
    .join(', ') +
  ', /variables/{variable_name}, /tracingEnabled';

export function patchedStage(stage: Stage, { op = 'replace', path = '', value = '' }: PatchOperation): Stage {
  if (path === '/deploymentId' && op === 'replace') return { ...stage, deploymentId: value };
  if (path === '/description') return { ...stage, description: op === 'remove' ? undefined : value };
  if (path === '/tracingEnabled' && op === 'replace') return { ...stage, tracingEnabled: isTrue(value) };
  const variable = /^\/variables\/([^/]+)$/.exec(path)?.[1];
  if (variable)
    return { ...stage, variables: withEntry(stage.variables, { op, value, name: unescaped(variable) }, value) };
  return withMethodSetting(stage, op, path, value);
}

function withMethodSetting(stage: Stage, op: string, path: string, value: string): Stage {
  const [, resource = '', method = '', setting] = /^\/([^/]+)\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  const name = `${unescaped(resource).replace(/^\//, '')}/${method}`;
  const held = stage.methodSettings ?? {};
  if (op === 'remove' && resource && !setting) {
    const { [name]: gone, ...methodSettings } = held;
    if (!gone)
      throw badRequest(`Cannot remove method setting ${name} because there is no method setting for this method `);
    return { ...stage, methodSettings };
  }
  const written = SETTINGS[setting ?? ''];
  if (op !== 'replace' || !written)
    throw badRequest(`Invalid method setting path: ${path}. Must be one of: [${PATHS}]`);
  return { ...stage, methodSettings: { ...held, [name]: { ...FRESH, ...held[name], ...written(value) } } };
}

function number(value: string): number {
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed)) throw badRequest(`Invalid number specified: ${value}`);
  return parsed;
}
