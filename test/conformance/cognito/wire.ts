import { expect } from '@jest/globals';
import { type Row } from '../cognito-rows.js';

const JSON_1_1 = 'application/x-amz-json-1.1';

/** At least this much. */
const part = (shape: Record<string, unknown>) => expect.objectContaining(shape);

export const WIRE: readonly Row[] = [
  {
    id: 'wire.unsigned-admin',
    call: 'AdminGetUser',
    what: 'an admin operation without a signature is refused',
    run: (world) => world.raw('AdminGetUser', '{}'),
    expected: {
      status: 400,
      type: JSON_1_1,
      body: { __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' },
    },
    basis: 'docs',
    source: 'DOC CommonErrors',
  },
  {
    id: 'wire.unsigned-public',
    call: 'GetUser',
    what: 'a public operation needs no signature',
    run: async (world) => (await world.raw('GetUser', '{"AccessToken":"x"}')).body,
    expected: { __type: 'NotAuthorizedException', message: 'Invalid Access Token' },
    basis: 'docs',
    source: 'botocore cognito-idp 2016-04-18, authtype none',
  },
  {
    id: 'wire.missing-member',
    call: 'AdminGetUser',
    what: 'a missing required member is named in lower camel case',
    run: async (world) => (await world.signed('AdminGetUser', '{"Username":"ada"}')).body,
    expected: {
      __type: 'InvalidParameterException',
      message:
        "1 validation error detected: Value at 'userPoolId' failed to satisfy constraint: Member must not be null",
    },
    basis: 'field',
    source: 'FIELD, wording of request validation',
  },
  {
    id: 'wire.missing-members',
    call: 'AdminGetUser',
    what: 'several missing members are counted and joined',
    run: async (world) => (await world.signed('AdminGetUser', '{}')).body,
    expected: {
      __type: 'InvalidParameterException',
      message:
        "2 validation errors detected: Value at 'userPoolId' failed to satisfy constraint: Member must not be null; " +
        "Value at 'username' failed to satisfy constraint: Member must not be null",
    },
    basis: 'field',
    source: 'FIELD, wording of request validation',
  },
  {
    id: 'wire.unknown-operation',
    call: 'POST / for AdminMakeCoffee',
    what: 'an operation that Cognito does not have',
    run: (world) => world.signed('AdminMakeCoffee', '{}'),
    expected: part({ status: 400, body: part({ __type: 'UnknownOperationException' }) }),
    basis: 'docs',
    source: 'DOC CommonErrors (AWS JSON 1.1)',
  },
  {
    id: 'wire.no-target',
    call: 'POST / without X-Amz-Target',
    what: 'a request without X-Amz-Target',
    run: (world) => world.signed(null, '{}'),
    expected: part({ status: 400, body: part({ __type: 'UnknownOperationException' }) }),
    basis: 'docs',
    source: 'DOC CommonErrors (AWS JSON 1.1)',
  },
  {
    id: 'wire.not-modelled',
    call: 'StartUserImportJob',
    what: 'an operation the sandbox lacks is said to be lacking',
    run: (world) => world.signed('StartUserImportJob', '{}'),
    expected: part({
      status: 501,
      body: { __type: 'NotImplementedException', message: 'StartUserImportJob is not modelled by the sandbox' },
    }),
    basis: 'inference',
    source: 'never a silent 200',
  },
  {
    id: 'wire.bad-json',
    call: 'GetUser',
    what: 'a body that is no JSON',
    run: (world) => world.signed('GetUser', '{'),
    expected: part({ status: 400, body: part({ __type: 'SerializationException' }) }),
    basis: 'docs',
    source: 'Smithy AWS JSON 1.1 protocol',
  },
  {
    id: 'wire.dates',
    call: 'AdminGetUser',
    what: 'times travel as epoch seconds and arrive as dates',
    run: async (world) => {
      const { at } = await world.someone();
      return (await world.aws.adminGetUser(at)).UserCreateDate;
    },
    expected: expect.any(Date),
    basis: 'docs',
    source: 'botocore cognito-idp 2016-04-18',
  },
];
