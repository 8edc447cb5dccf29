import type * as sdk from '@aws-sdk/client-api-gateway';
import { outsideEnum, refuseBroken } from '../constraints.js';
import { isTrue, type PatchRule, patchedBy, replaces, withItem } from '../patches.js';
import { badRequest, notModelled } from '../replies.js';
import type { EndpointConfiguration, RestApiRecord } from './definition.js';

const ENDPOINT_TYPES = ['PRIVATE', 'EDGE', 'REGIONAL'];
const MAX_COMPRESSION_BYTES = 10_485_760;

const RULES: readonly PatchRule<RestApiRecord>[] = [
  replaces(/^\/name$/, 'name'),
  {
    path: /^\/description$/,
    ops: ['add', 'remove', 'replace'],
    apply: (api, { op, value }) => ({ ...api, description: op === 'remove' ? undefined : value }),
  },
  {
    path: /^\/apiKeySource$/,
    ops: ['replace'],
    apply: (api, { value = '' }) => {
      if (value !== 'HEADER' && value !== 'AUTHORIZER') throw badRequest(`Invalid API Key source specified: ${value}`);
      return { ...api, apiKeySource: value };
    },
  },
  {
    path: /^\/minimumCompressionSize$/,
    ops: ['replace'],
    apply: (api, { value }) => ({ ...api, minimumCompressionSize: compression(value) }),
  },
  {
    path: /^\/disableExecuteApiEndpoint$/,
    ops: ['replace'],
    apply: (api, { value }) => ({ ...api, disableExecuteApiEndpoint: isTrue(value) }),
  },
  {
    path: /^\/binaryMediaTypes\/(.+)$/,
    ops: ['add', 'remove', 'replace'],
    apply: (api, { op, value, name }) => {
      const others = withItem(api.binaryMediaTypes, 'remove', name);
      if (op === 'remove') return { ...api, binaryMediaTypes: others };
      return { ...api, binaryMediaTypes: withItem(others, 'add', op === 'replace' ? (value ?? name) : name) };
    },
  },
  {
    path: /^\/endpointConfiguration\/ipAddressType$/,
    ops: ['replace'],
    apply: (api, { value = '' }) => withEndpoint(api, { ipAddressType: value }),
  },
  {
    path: /^\/endpointConfiguration\/types\/(.+)$/,
    ops: ['replace'],
    apply: (api, { value = '' }) =>
      withEndpoint(api, { types: [value], ...(value === 'PRIVATE' && { ipAddressType: 'dualstack' }) }),
  },
  {
    path: /^\/policy$/,
    ops: ['replace'],
    apply: () => {
      throw notModelled('Resource policies are');
    },
  },
];

export const patchedRestApi = patchedBy(RULES);

/** What an API gets when it is made: one type, and the address type that goes with it. */
export function endpointConfiguration(
  input: sdk.EndpointConfiguration | undefined,
  description: string | undefined,
): EndpointConfiguration {
  const at = 'createRestApiInput.endpointConfiguration';
  const wrong = input?.types?.find((type) => !ENDPOINT_TYPES.includes(type));
  const constraint = `Member must satisfy constraint: [Member must satisfy enum value set: [${ENDPOINT_TYPES.join(', ')}]]`;
  refuseBroken([
    ...(wrong ? [{ value: `[${input?.types?.join(', ')}]`, at: `${at}.types`, constraint }] : []),
    ...outsideEnum(input?.ipAddressType, `${at}.ipAddressType`, ['ipv4', 'dualstack']),
  ]);
  if (description === '') throw badRequest('Description cannot be an empty string');
  const types = input?.types ?? ['EDGE'];
  if (types.length === 0) throw badRequest('REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.');
  if (types.length > 1) throw badRequest('Cannot create an api with multiple Endpoint Types.');
  return checkedEndpoint({
    types,
    ipAddressType: input?.ipAddressType ?? (types[0] === 'PRIVATE' ? 'dualstack' : 'ipv4'),
  });
}

export function checkCompression(bytes: number | undefined): void {
  if (bytes !== undefined && !(bytes >= 0 && bytes <= MAX_COMPRESSION_BYTES))
    throw badRequest(`Invalid minimum compression size, must be between 0 and ${MAX_COMPRESSION_BYTES}`);
}

/** An empty value switches compression off. */
function compression(value: string | undefined): number | undefined {
  if (!value) return undefined;
  const bytes = Number(value);
  checkCompression(Number.isInteger(bytes) ? bytes : -1);
  return bytes;
}

function withEndpoint(api: RestApiRecord, change: Partial<EndpointConfiguration>): RestApiRecord {
  const { types = [], ipAddressType = '' } = change;
  if (change.types && !types.every((type) => ENDPOINT_TYPES.includes(type)))
    throw badRequest('Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE');
  if (change.ipAddressType && !['ipv4', 'dualstack'].includes(ipAddressType))
    throw badRequest('ipAddressType must be either ipv4 or dualstack.');
  const before = api.endpointConfiguration ?? { types: ['EDGE'], ipAddressType: 'ipv4' };
  return { ...api, endpointConfiguration: checkedEndpoint({ ...before, ...change }) };
}

function checkedEndpoint(endpoint: EndpointConfiguration): EndpointConfiguration {
  if (endpoint.types.includes('PRIVATE') && endpoint.ipAddressType !== 'dualstack')
    throw badRequest('Only dualstack ipAddressType is supported for Private APIs.');
  return endpoint;
}
