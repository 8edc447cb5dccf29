import {
  type APIGatewayClient,
  CreateAuthorizerCommand,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  PutGatewayResponseCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  UpdateStageCommand,
} from '@aws-sdk/client-api-gateway';
import { only } from './creators.js';
import type { Made, Place } from './stack.js';
import type { Properties } from './template-file.js';

const TYPE = 'AWS::Serverless::Api';
const X = 'x-amazon-apigateway-';

/** An API from its OpenAPI definition, made by the calls that draw it up one by one. */
export async function createApi(properties: Properties, { gateway }: Place): Promise<Omit<Made, 'properties'>> {
  const names = 'Name StageName OpenApiVersion EndpointConfiguration AlwaysDeploy MethodSettings DefinitionBody';
  const { Name, StageName, EndpointConfiguration, MethodSettings, DefinitionBody } = only(TYPE, properties, names);
  const sections = `openapi info ${X}api-key-source components paths ${X}gateway-responses`;
  const body = only(`${TYPE} DefinitionBody`, Object(DefinitionBody), sections);
  const { id: restApiId = '', rootResourceId = '' } = await gateway.send(
    new CreateRestApiCommand({
      name: String(Name),
      apiKeySource: body[`${X}api-key-source`] as never,
      endpointConfiguration: { types: [Object(EndpointConfiguration).Type] },
    }),
  );
  const api = new Drawing(gateway, restApiId, rootResourceId);
  const schemes = Object.entries(Object(Object(body.components).securitySchemes) as Record<string, Properties>);
  for (const [name, scheme] of schemes) await api.authorizer(name, scheme);
  for (const [path, methods] of Object.entries(Object(body.paths) as Record<string, Properties>)) {
    for (const [method, operation] of Object.entries(methods)) await api.method(path, method, Object(operation));
  }
  const responses = Object.entries(Object(body[`${X}gateway-responses`]) as Record<string, Properties>);
  for (const [responseType, response] of responses) await api.gatewayResponse(responseType, response);
  await gateway.send(new CreateDeploymentCommand({ restApiId, stageName: String(StageName) }));
  for (const setting of (MethodSettings ?? []) as readonly Properties[]) await api.setting(String(StageName), setting);
  return { ref: restApiId, attributes: { Stage: String(StageName) } };
}

/** One API while it is drawn up. */
class Drawing {
  private readonly authorizers = new Map<
    string,
    { readonly authorizerId: string; readonly authorizationType: string }
  >();
  private readonly resources = new Map<string, string>();

  constructor(
    private readonly gateway: APIGatewayClient,
    private readonly restApiId: string,
    rootResourceId: string,
  ) {
    this.resources.set('', rootResourceId);
  }

  /** A scheme without an authorizer can only be that of keys. */
  async authorizer(name: string, scheme: Properties): Promise<void> {
    const { name: header, ...rest } = only(
      `${TYPE} securitySchemes`,
      scheme,
      `type in name ${X}authtype ${X}authorizer`,
    );
    const given = rest[`${X}authorizer`];
    if (given === undefined) {
      if (name !== 'api_key' || String(header).toLowerCase() !== 'x-api-key')
        throw new Error(`The scheme ${name} asks nobody`);
      return;
    }
    const members = 'type identitySource providerARNs authorizerUri authorizerResultTtlInSeconds';
    const { type, ...authorizer } = only(`${TYPE} authorizer`, Object(given), members);
    if (authorizer.identitySource !== `method.request.header.${header}`) throw new Error(`${name} names two headers`);
    const kind = String(type).toUpperCase();
    const input = { ...authorizer, restApiId: this.restApiId, name, type: kind };
    const { id = '' } = await this.gateway.send(new CreateAuthorizerCommand(input as never));
    const authorizationType = kind === 'COGNITO_USER_POOLS' ? kind : 'CUSTOM';
    this.authorizers.set(name, { authorizerId: id, authorizationType });
  }

  async method(path: string, verb: string, operation: Properties): Promise<void> {
    const given = only(`${TYPE} operation`, operation, `security responses ${X}integration`);
    const at = { restApiId: this.restApiId, resourceId: await this.resource(path), httpMethod: verb.toUpperCase() };
    await this.gateway.send(new PutMethodCommand({ ...at, ...this.secured(given.security) }));
    for (const [statusCode, response] of Object.entries(Object(given.responses) as Record<string, Properties>)) {
      const { headers } = only(`${TYPE} response`, response, 'description headers');
      const declared = Object.keys(Object(headers)).map((name) => [`method.response.header.${name}`, false]);
      await this.gateway.send(
        new PutMethodResponseCommand({ ...at, statusCode, responseParameters: Object.fromEntries(declared) }),
      );
    }
    const members = 'type httpMethod uri requestTemplates responses';
    const { type, httpMethod, uri, requestTemplates, responses } = only(
      `${TYPE} integration`,
      Object(given[`${X}integration`]),
      members,
    );
    const integration = { type: String(type).toUpperCase(), integrationHttpMethod: httpMethod, uri, requestTemplates };
    await this.gateway.send(new PutIntegrationCommand({ ...at, ...integration } as never));
    for (const [pattern, response] of Object.entries(Object(responses) as Record<string, Properties>)) {
      const { statusCode, ...rest } = only(
        `${TYPE} integration response`,
        response,
        'statusCode responseParameters responseTemplates',
      );
      const selectionPattern = pattern === 'default' ? undefined : pattern;
      const input = { ...at, ...rest, statusCode: String(statusCode), selectionPattern };
      await this.gateway.send(new PutIntegrationResponseCommand(input as never));
    }
  }

  async gatewayResponse(responseType: string, response: Properties): Promise<void> {
    const members = 'statusCode responseParameters responseTemplates';
    const { statusCode, ...rest } = only(`${TYPE} gateway response`, response, members);
    const status = statusCode === undefined ? {} : { statusCode: String(statusCode) };
    const input = { ...rest, ...status, restApiId: this.restApiId, responseType };
    await this.gateway.send(new PutGatewayResponseCommand(input as never));
  }

  async setting(stageName: string, setting: Properties): Promise<void> {
    const names = 'ResourcePath HttpMethod ThrottlingRateLimit ThrottlingBurstLimit MetricsEnabled';
    const { ResourcePath, HttpMethod, ...given } = only(`${TYPE} MethodSettings`, setting, names);
    if (ResourcePath !== '/*' || HttpMethod !== '*') throw new Error('The loader sets all methods at once only');
    const paths: Record<string, string> = {
      ThrottlingRateLimit: 'throttling/rateLimit',
      ThrottlingBurstLimit: 'throttling/burstLimit',
      MetricsEnabled: 'metrics/enabled',
    };
    const patchOperations = Object.entries(given).map(([name, value]) => {
      return { op: 'replace' as const, path: `/*/*/${paths[name]}`, value: String(value) };
    });
    await this.gateway.send(new UpdateStageCommand({ restApiId: this.restApiId, stageName, patchOperations }));
  }

  /** All names within one alternative are asked for at once. */
  private secured(security: unknown) {
    const alternatives = (security ?? []) as readonly Properties[];
    if (alternatives.length > 1) throw new Error('A gateway has no alternatives: a method asks for all it is given');
    const names = Object.keys(alternatives[0] ?? {});
    const [scheme, ...others] = names.filter((name) => name !== 'api_key');
    if (others.length > 0) throw new Error('A method has one authorizer');
    const authorizer = this.authorizers.get(scheme ?? '');
    if (scheme !== undefined && !authorizer) throw new Error(`There is no authorizer ${scheme}`);
    return { apiKeyRequired: names.includes('api_key'), authorizationType: 'NONE', ...authorizer };
  }

  /** The resource of a path, and those on the way to it. */
  private async resource(path: string): Promise<string> {
    const known = this.resources.get(path.replace(/\/$/, ''));
    if (known !== undefined) return known;
    const [, parent = '', pathPart = ''] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
    const parentId = await this.resource(parent);
    const { id = '' } = await this.gateway.send(
      new CreateResourceCommand({ restApiId: this.restApiId, parentId, pathPart }),
    );
    this.resources.set(path, id);
    return id;
  }
}
