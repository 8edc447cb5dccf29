import type {
  CreateAuthorizerCommandInput,
  CreateRestApiCommandInput,
  PutIntegrationCommandInput,
  PutMethodCommandInput,
} from '@aws-sdk/client-api-gateway';
import { uriOf, type World } from '../gateway-rows.js';

/** What an API of a row's own has other than `GET /<pathPart>` answered by the function `echo` on stage `dev`. */
export interface ApiOrder {
  readonly pathPart?: string;
  readonly api?: Partial<CreateRestApiCommandInput>;
  readonly authorizer?: Partial<CreateAuthorizerCommandInput>;
  readonly method?: Partial<PutMethodCommandInput>;
  readonly integration?: Partial<PutIntegrationCommandInput> & { readonly function?: string };
}

/** Draws up an API with one method and puts it on stage `dev`. */
export async function madeApi(world: World, order: ApiOrder = {}) {
  const { sdk } = world;
  const hasFunction = (order.integration?.type ?? 'AWS_PROXY') === 'AWS_PROXY';
  if (hasFunction || (order.authorizer && order.authorizer.type !== 'COGNITO_USER_POOLS'))
    world.cloud.take('functions');
  const { pathPart = 'it', integration = {} } = order;
  const { id: restApiId = '', rootResourceId } = await sdk.createRestApi({ name: world.name('api'), ...order.api });
  const authorizerId = order.authorizer && (await authorizer(world, restApiId, order.authorizer));
  const { id: resourceId = '' } = await sdk.createResource({ restApiId, parentId: rootResourceId, pathPart });
  const httpMethod = order.method?.httpMethod ?? 'GET';
  const address = { restApiId, resourceId, httpMethod };
  const authorizationType = order.authorizer?.type === 'COGNITO_USER_POOLS' ? 'COGNITO_USER_POOLS' : 'CUSTOM';
  const authorization = authorizerId ? { authorizationType, authorizerId } : { authorizationType: 'NONE' };
  await sdk.putMethod({ ...address, ...authorization, ...order.method });
  await sdk.putIntegration({
    ...address,
    type: 'AWS_PROXY',
    integrationHttpMethod: 'POST',
    uri: world.filled(uriOf(integration.function ?? 'echo')),
    ...integration,
  });
  await world.deploy(restApiId);
  return { ...address, authorizerId, rootResourceId, path: `${restApiId}/dev/${pathPart}` };
}

async function authorizer(world: World, restApiId: string, order: Partial<CreateAuthorizerCommandInput>) {
  const { type = 'TOKEN' } = order;
  const how =
    type === 'COGNITO_USER_POOLS' ? { providerARNs: [world.poolArn] } : { authorizerUri: uriOf('authorizer') };
  const identitySource = 'method.request.header.Authorization';
  const wanted = { restApiId, name: world.name('authorizer'), type, identitySource, ...how, ...order };
  const made = await world.sdk.createAuthorizer(world.filled(wanted));
  return made.id ?? '';
}

/** The event that the function `echo` was given by one call. */
export async function echoed(world: World, path: string, init?: RequestInit): Promise<Record<string, unknown>> {
  const reply = await world.fetch(path, init);
  const event: unknown = await reply.json();
  return typeof event === 'object' && event !== null ? { ...event } : {};
}

/** One member of a nested answer, by its path. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    value,
  );
}
