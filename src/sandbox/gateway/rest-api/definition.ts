/** What a REST API is made of, as it is stored. */

type Texts = Readonly<Record<string, string>>;

export interface IntegrationResponse {
  readonly statusCode: string;
  readonly selectionPattern?: string | undefined;
  readonly responseParameters?: Texts | undefined;
  readonly responseTemplates?: Texts | undefined;
}

export interface Integration {
  readonly type: 'MOCK' | 'AWS_PROXY';
  readonly httpMethod?: string | undefined;
  readonly uri?: string | undefined;
  readonly requestTemplates?: Texts | undefined;
  readonly passthroughBehavior: string;
  readonly timeoutInMillis: number;
  readonly cacheNamespace?: string | undefined;
  readonly cacheKeyParameters?: readonly string[] | undefined;
  readonly integrationResponses?: Readonly<Record<string, IntegrationResponse>> | undefined;
}

export interface MethodResponse {
  readonly statusCode: string;
  readonly responseParameters?: Readonly<Record<string, boolean>> | undefined;
  readonly responseModels?: Texts | undefined;
}

export interface Method {
  readonly httpMethod: string;
  readonly authorizationType: string;
  readonly authorizerId?: string | undefined;
  readonly authorizationScopes?: readonly string[] | undefined;
  readonly apiKeyRequired: boolean;
  readonly operationName?: string | undefined;
  readonly requestParameters?: Readonly<Record<string, boolean>> | undefined;
  readonly requestModels?: Texts | undefined;
  readonly methodResponses?: Readonly<Record<string, MethodResponse>> | undefined;
  readonly methodIntegration?: Integration | undefined;
}

export interface Resource {
  readonly id: string;
  readonly parentId?: string | undefined;
  readonly pathPart?: string | undefined;
  readonly path: string;
  readonly resourceMethods: Readonly<Record<string, Method>>;
}

export interface Authorizer {
  readonly id: string;
  readonly name: string;
  readonly type: 'COGNITO_USER_POOLS' | 'TOKEN' | 'REQUEST';
  readonly providerARNs?: readonly string[] | undefined;
  readonly authType?: string | undefined;
  readonly authorizerUri?: string | undefined;
  readonly authorizerCredentials?: string | undefined;
  readonly identitySource?: string | undefined;
  readonly identityValidationExpression?: string | undefined;
  readonly authorizerResultTtlInSeconds?: number | undefined;
}

/** How one kind of refusal by the gateway itself is worded. */
export interface GatewayResponseRecord {
  readonly statusCode?: string | undefined;
  readonly responseParameters: Texts;
  readonly responseTemplates: Texts;
}

/** What a deployment takes along besides resources and authorizers. */
export interface Settings {
  readonly apiKeySource: string;
  readonly binaryMediaTypes?: readonly string[] | undefined;
  readonly disableExecuteApiEndpoint?: boolean | undefined;
  readonly gatewayResponses?: Readonly<Record<string, GatewayResponseRecord>> | undefined;
}

/** The API as it was when it was deployed: what later changes do not touch. */
export interface Deployment extends Partial<Settings> {
  readonly id: string;
  readonly description?: string | undefined;
  readonly createdDate: number;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly authorizers: Readonly<Record<string, Authorizer>>;
}

/** What holds for one method of a stage, or for all of them. */
export interface MethodSetting {
  readonly throttlingRateLimit: number;
  readonly throttlingBurstLimit: number;
  readonly cachingEnabled: boolean;
  readonly cacheTtlInSeconds: number;
  readonly cacheDataEncrypted: boolean;
  readonly dataTraceEnabled: boolean;
  readonly metricsEnabled: boolean;
  readonly requireAuthorizationForCacheControl: boolean;
  readonly unauthorizedCacheControlHeaderStrategy: string;
  readonly loggingLevel?: string | undefined;
}

export interface Stage {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly description?: string | undefined;
  readonly createdDate: number;
  readonly lastUpdatedDate: number;
  readonly variables?: Texts | undefined;
  readonly tracingEnabled?: boolean | undefined;
  readonly documentationVersion?: string | undefined;
  /** By path and method, such as `pets/GET`, or `*` for all. */
  readonly methodSettings?: Readonly<Record<string, MethodSetting>> | undefined;
  readonly tags: Texts;
}

export interface EndpointConfiguration {
  readonly types: readonly string[];
  readonly ipAddressType: string;
}

export interface RestApiRecord extends Settings {
  readonly sequence: number;
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly version?: string | undefined;
  readonly createdDate: number;
  readonly minimumCompressionSize?: number | undefined;
  readonly endpointConfiguration?: EndpointConfiguration | undefined;
  readonly rootResourceId: string;
  readonly tags: Texts;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly authorizers: Readonly<Record<string, Authorizer>>;
  readonly deployments: Readonly<Record<string, Deployment>>;
  readonly stages: Readonly<Record<string, Stage>>;
}
