import type { SchemaAttributeType, UserPoolClientType, UserPoolType } from '@aws-sdk/client-cognito-identity-provider';
import type { AppClient, PoolAttribute, UserPool } from './account-inspection.js';

/** A pool that does not say that it ignores case does not: that is the default, and was all there was for years. */
export function toUserPool({ SchemaAttributes = [], UsernameConfiguration }: UserPoolType): UserPool {
  const ignoresCase = UsernameConfiguration?.CaseSensitive === false;
  return { attributes: SchemaAttributes.map(toPoolAttribute), ignoresCase };
}

function toPoolAttribute(attribute: SchemaAttributeType): PoolAttribute {
  const { Name = '', AttributeDataType = '', Mutable, StringAttributeConstraints } = attribute;
  const most = StringAttributeConstraints?.MaxLength;
  return {
    name: Name,
    type: AttributeDataType,
    mutable: Mutable === true,
    mostCharacters: most === undefined ? null : Number(most),
  };
}

export function toAppClient(client: UserPoolClientType): AppClient {
  const { WriteAttributes: listed = [] } = client;
  return {
    id: client.ClientId ?? '',
    name: client.ClientName ?? '',
    writeAttributes: listed.length > 0 ? listed : null,
    oauthFlows: client.AllowedOAuthFlows ?? [],
    oauthScopes: client.AllowedOAuthScopes ?? [],
    hidesUserExistence: client.PreventUserExistenceErrors === 'ENABLED',
    settings: settingsOf(client),
  };
}

/** What is described and cannot be set, the secret first of all, stays out. */
function settingsOf(client: UserPoolClientType): Record<string, unknown> {
  const {
    ClientSecret: _secret,
    ClientType: _type,
    CreationDate: _made,
    LastModifiedDate: _changed,
    ...settings
  } = client;
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
