import type { AttributeType, SchemaAttributeType } from '@aws-sdk/client-cognito-identity-provider';
import { type Client, invalid, invalidValue, notAuthorized, notModelled, type Pool, type User } from './pools.js';

type Attributes = User['attributes'];

const MAX_VALUE_LENGTH = 2048;
const MAX_CUSTOM_ATTRIBUTES = 50;
const VERIFIED = ['email_verified', 'phone_number_verified'];

const TEXT = [
  'profile address birthdate gender preferred_username website family_name given_name middle_name name nickname',
  'email phone_number locale zoneinfo picture',
]
  .join(' ')
  .split(' ');

/** The schema of a new pool; `asked` may make standard attributes required and adds custom ones. */
export function schemaOf(asked: readonly SchemaAttributeType[]): SchemaAttributeType[] {
  const standard = [
    { ...attribute('sub', 'String'), Mutable: false, Required: true },
    ...TEXT.map((name) => attribute(name, 'String')),
    ...VERIFIED.map((name) => attribute(name, 'Boolean')),
    attribute('updated_at', 'Number'),
  ].map((one) => ({ ...one, ...asked.find(({ Name }) => Name === one.Name) }));
  const custom = asked.filter(({ Name }) => !standard.some((one) => one.Name === Name));
  return withCustom(standard, custom);
}

function attribute(name: string, type: 'String' | 'Number' | 'Boolean'): SchemaAttributeType {
  const constraints = type === 'String' ? { StringAttributeConstraints: { MinLength: '0', MaxLength: '2048' } } : {};
  const number = type === 'Number' ? { NumberAttributeConstraints: { MinValue: '0' } } : {};
  const flags = { DeveloperOnlyAttribute: false, Mutable: true, Required: false };
  return { Name: name, AttributeDataType: type, ...flags, ...constraints, ...number };
}

export function withCustom(
  schema: readonly SchemaAttributeType[],
  added: readonly SchemaAttributeType[],
): SchemaAttributeType[] {
  const out = [...schema];
  for (const [i, one] of added.entries()) {
    const custom = customAttribute(one, `${i + 1}`);
    if (out.some(({ Name }) => Name === custom.Name)) {
      throw invalid(`${custom.Name}: Existing attribute already has name ${custom.Name}.\n`);
    }
    out.push(custom);
  }
  if (out.filter(({ Name }) => Name?.startsWith('custom:')).length > MAX_CUSTOM_ATTRIBUTES) {
    throw invalid(`A user pool can have at most ${MAX_CUSTOM_ATTRIBUTES} custom attributes.`);
  }
  return out;
}

function customAttribute(asked: SchemaAttributeType, position: string): SchemaAttributeType {
  const name = asked.Name ?? '';
  const at = `customAttributes.${position}.member.name`;
  if (name.length < 1) throw invalidValue('', at, 'have length greater than or equal to 1');
  if (name.length > 20) throw invalidValue(`'${name}'`, at, 'have length less than or equal to 20');
  if (asked.Required) throw invalid('Required custom attributes are not supported currently.');
  if (asked.DeveloperOnlyAttribute) throw notModelled('DeveloperOnlyAttribute');
  return {
    AttributeDataType: 'String',
    DeveloperOnlyAttribute: false,
    Mutable: true,
    Required: false,
    ...asked,
    Name: `custom:${name}`,
  };
}

/**
 * The attributes after `changes`: all of them or a refusal. A blank value deletes; a changed e-mail address or phone
 * number is unverified unless the same changes say otherwise.
 */
export function changed(pool: Pool, before: Attributes, changes: readonly AttributeType[], isNew = false): Attributes {
  const after: Record<string, string> = { ...before };
  for (const [i, { Name = '', Value = '' }] of changes.entries()) {
    refuseBadChange(pool, { name: Name, value: Value, position: i + 1, isNew });
    if (Value === '') delete after[Name];
    else after[Name] = Value;
  }
  for (const name of ['email', 'phone_number']) {
    const isSent = changes.some(({ Name }) => Name === `${name}_verified`);
    if (after[name] === undefined) delete after[`${name}_verified`];
    else if (after[name] !== before[name] && !isSent && !isNew) after[`${name}_verified`] = 'false';
  }
  return after;
}

function refuseBadChange(
  pool: Pool,
  { name, value, position, isNew }: { name: string; value: string; position: number; isNew: boolean },
): void {
  const member = `userAttributes.${position}.member`;
  if (name === '') throw invalidValue('', `${member}.name`, 'not be null');
  if (value.length > MAX_VALUE_LENGTH) {
    throw invalidValue('', `${member}.value`, `have length less than or equal to ${MAX_VALUE_LENGTH}`);
  }
  const schema = schemaFor(pool, name);
  if (name === 'sub' || (!schema.Mutable && !isNew)) throw invalid(`user.${name}: Attribute cannot be updated.\n`);
  if (value === '' && !isNew && isRequired(pool, schema)) throw invalid(`user.${name}: Attribute is required.\n`);
  if (value !== '') refuseBadValue(schema, name, value);
}

function refuseBadValue(schema: SchemaAttributeType, name: string, value: string): void {
  const { MinLength = '0', MaxLength = '2048' } = schema.StringAttributeConstraints ?? {};
  if (value.length < Number(MinLength) || value.length > Number(MaxLength)) {
    throw invalid(`user.${name}: String must be between ${MinLength} and ${MaxLength} characters.\n`);
  }
  if (name === 'email' && !isEmail(value)) throw invalid('Invalid email address format.');
  if (name === 'phone_number' && !/^\+\d{1,15}$/.test(value)) throw invalid('Invalid phone number format.');
  const { MinValue, MaxValue } = schema.NumberAttributeConstraints ?? {};
  if (schema.AttributeDataType !== 'Number') return;
  const number = Number(value);
  if (!(number >= Number(MinValue ?? -Infinity) && number <= Number(MaxValue ?? Infinity))) {
    throw invalid(`user.${name}: Value must be a number in the range of the schema.\n`);
  }
}

export function refuseMissing(pool: Pool, attributes: Attributes): void {
  for (const { Name = '', Required } of pool.attributes) {
    if (Required && Name !== 'sub' && attributes[Name] === undefined) {
      throw invalid(`Attributes did not conform to the schema: ${Name}: The attribute is required\n`);
    }
  }
}

export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}

export function schemaFor(pool: Pool, name: string): SchemaAttributeType {
  const schema = pool.attributes.find(({ Name }) => Name === name);
  if (!schema) throw invalid(`user.${name}: Attribute does not exist in the schema.\n`);
  return schema;
}

function isRequired(pool: Pool, schema: SchemaAttributeType): boolean {
  return schema.Required === true || pool.settings.UsernameAttributes?.some((name) => name === schema.Name) === true;
}

/** A client without WriteAttributes may write everything, custom attributes included. */
export function refuseUnwritable(client: Client, names: readonly (string | undefined)[]): void {
  const writable = client.settings.WriteAttributes;
  const isWritable = (name = '') => !VERIFIED.includes(name) && (writable === undefined || writable.includes(name));
  if (!names.every(isWritable)) throw notAuthorized('A client attempted to write unauthorized attribute');
}

/** What that client may see, `sub` always. */
export function readable(client: Client, user: User): Record<string, string> {
  const names = client.settings.ReadAttributes;
  const seen = Object.entries(user.attributes).filter(
    ([name]) => !names || names.includes(name) || name === 'identities',
  );
  return { sub: user.sub, ...Object.fromEntries(seen) };
}

/** What scopes open of a profile: `openid` alone shows everything, with others only what those name. */
export function within(
  scopes: readonly string[],
  attributes: Readonly<Record<string, string>>,
): Record<string, string> {
  const others = scopes.filter((scope) => ['email', 'phone', 'profile'].includes(scope));
  if (others.length === 0) return attributes;
  const scopeOf = (name: string) => /^(email|phone)(_|$)/.exec(name)?.[1] ?? 'profile';
  const isOpen = (name: string) => name === 'sub' || name === 'identities' || others.includes(scopeOf(name));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isOpen(name)));
}

export function listed(attributes: Readonly<Record<string, string>>): AttributeType[] {
  return Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
}

/** A user as admin operations answer it. */
export function userType(user: User) {
  return {
    Username: user.username,
    Attributes: listed({ sub: user.sub, ...user.attributes }),
    UserCreateDate: new Date(user.createdAt),
    UserLastModifiedDate: new Date(user.modifiedAt),
    Enabled: user.enabled,
    UserStatus: user.status,
  };
}
