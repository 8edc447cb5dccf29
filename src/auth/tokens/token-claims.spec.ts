import { describe, expect, it } from '@jest/globals';
import { callerOf, oddityOf } from './token-claims.js';

const NOW = 1_800_000_000;
const HEADER = { alg: 'RS256', kid: 'k' };
const PAYLOAD = { sub: 'abc-1', token_use: 'access', username: 'ada', iat: NOW, exp: NOW + 3600 };

const oddity = (payload: object, header: object = HEADER) =>
  oddityOf({ header, payload: { ...PAYLOAD, ...payload } }, NOW);

describe('what is odd about a token', () => {
  it('is nothing, for one that Cognito makes', () => {
    expect(oddity({})).toBeNull();
    expect(oddity({ 'cognito:groups': [] })).toBeNull();
    expect(oddity({ token_use: 'id', username: undefined, 'cognito:username': 'ada' })).toBeNull();
  });

  it.each<[string, object]>([
    ['algorithm', { kid: 'k' }],
    ['algorithm', { alg: 'rs256' }],
    ['algorithm', { alg: 'RS512' }],
    ['critical header', { ...HEADER, crit: [] }],
    ['critical header', { ...HEADER, b64: true }],
  ])('is the %s of the header %j', (what, header) => expect(oddity({}, header)).toBe(what));

  it.each<[string, object]>([
    ['expiry', { exp: undefined }],
    ['expiry', { exp: '1800003600' }],
    ['expiry', { exp: Number.POSITIVE_INFINITY }],
    ['expiry', { exp: NOW + 86_461 }],
    ['issued at', { iat: undefined }],
    ['issued at', { iat: NOW + 61 }],
    ['sub', { sub: undefined }],
    ['sub', { sub: '' }],
    ['sub', { sub: 'a.b' }],
    ['sub', { sub: 'a b' }],
    ['sub', { sub: 'abc\n' }],
    ['sub', { sub: 'ä' }],
    ['sub', { sub: 'a'.repeat(129) }],
    ['groups', { 'cognito:groups': 'admin' }],
    ['groups', { 'cognito:groups': null }],
    ['groups', { 'cognito:groups': [['admin']] }],
    ['user name', { username: undefined }],
    ['user name', { username: '' }],
    ['user name', { username: 'a b' }],
    ['user name', { username: 'a'.repeat(129) }],
    ['user name', { token_use: 'id' }],
    ['user name', { username: undefined, 'cognito:username': 'ada' }],
  ])('is the %s of %j', (what, payload) => expect(oddity(payload)).toBe(what));

  it('is not a minute between our clock and Cognito’s', () => {
    expect(oddity({ iat: NOW + 60 })).toBeNull();
    expect(oddity({ exp: NOW + 86_460 })).toBeNull();
  });

  it('is not a user name in any alphabet', () => {
    for (const username of ['Ада', '阿达', 'a+b@example.com', 'google_1', 'é']) expect(oddity({ username })).toBeNull();
  });
});

describe('the caller of a token', () => {
  const payload = { ...PAYLOAD } as never;

  it('is who the token says, and no admin without the group', () => {
    expect(callerOf(payload, 'admin')).toEqual({ sub: 'abc-1', username: 'ada', isAdmin: false });
  });

  it.each([
    [['admin'], true],
    [['beta', 'admin'], true],
    [['Admin'], false],
    [['administrators'], false],
    [[], false],
  ])('in the groups %j is an admin: %s', (groups, isAdmin) => {
    expect(callerOf({ ...PAYLOAD, 'cognito:groups': groups } as never, 'admin').isAdmin).toBe(isAdmin);
  });
});
