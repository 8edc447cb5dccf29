type Texts = Readonly<Record<string, string>>;

/** What every Lambda trigger of a user pool is called with. */
interface TriggerEvent<Source extends string, Request, Response> {
  readonly version: string;
  readonly triggerSource: Source;
  readonly region: string;
  readonly userPoolId: string;
  readonly userName: string;
  readonly callerContext: { readonly awsSdkVersion: string; readonly clientId: string };
  readonly request: Request;
  response: Response;
}

export type PreSignUpSource = 'PreSignUp_SignUp' | 'PreSignUp_AdminCreateUser' | 'PreSignUp_ExternalProvider';

export interface PreSignUpRequest {
  readonly userAttributes: Texts;
  readonly validationData: Texts | null;
  readonly clientMetadata?: Texts | undefined;
}

export interface PreSignUpResponse {
  autoConfirmUser: boolean;
  autoVerifyEmail: boolean;
  autoVerifyPhone: boolean;
}

export type PostConfirmationSource = 'PostConfirmation_ConfirmSignUp' | 'PostConfirmation_ConfirmForgotPassword';

export interface PostConfirmationRequest {
  readonly userAttributes: Texts;
  readonly clientMetadata?: Texts | undefined;
}

export type TokenSource =
  | 'TokenGeneration_HostedAuth'
  | 'TokenGeneration_Authentication'
  | 'TokenGeneration_NewPasswordChallenge'
  | 'TokenGeneration_RefreshTokens';

export interface GroupConfiguration {
  readonly groupsToOverride: readonly string[];
  readonly iamRolesToOverride: readonly string[];
  readonly preferredRole: string | null;
}

export interface PreTokenGenerationRequest {
  readonly userAttributes: Texts;
  readonly groupConfiguration: GroupConfiguration;
  readonly clientMetadata?: Texts | undefined;
}

/** `V2_0` sees the scopes too. */
export interface PreTokenGenerationV2Request extends PreTokenGenerationRequest {
  readonly scopes: readonly string[];
}

/** What a trigger may set is checked when it answers, so its type is open. */
type Open = Record<string, unknown>;

export interface TriggerEvents {
  readonly PreSignUp: TriggerEvent<PreSignUpSource, PreSignUpRequest, PreSignUpResponse>;
  readonly PostConfirmation: TriggerEvent<PostConfirmationSource, PostConfirmationRequest, Open>;
  readonly PreTokenGeneration: TriggerEvent<TokenSource, PreTokenGenerationRequest, Open>;
  readonly PreTokenGenerationV2: TriggerEvent<TokenSource, PreTokenGenerationV2Request, Open>;
}

/** Functions in the place of Lambdas; each answers the event, or a promise of it, with `response` filled in. */
export type PoolTriggers = { readonly [Name in keyof TriggerEvents]?: (event: TriggerEvents[Name]) => unknown };
