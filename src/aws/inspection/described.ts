import type { SchemaAttributeType, UserPoolClientType } from '@aws-sdk/client-cognito-identity-provider';
import type { AppClient, PoolAttribute } from './account-inspection.js';

export function toPoolAttribute(attribute: SchemaAttributeType): PoolAttribute {
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
