import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { play } from '../support/collection.js';
import { World } from '../support/world.js';

const PATH = fileURLToPath(new URL('../../docs/collection/turnpike.postman_collection.json', import.meta.url));

describe('the Postman collection in docs/collection', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  const played = (email: string, given = {}) => {
    const { url, info } = world.sandbox;
    const { clientId, invokeUrl } = info.call(world.sandbox);
    return play(PATH, { turnpike: world.url, sandbox: url, cognito: url, api: invokeUrl, clientId, email, ...given });
  };

  it('plays from sign-up to leaving on the sandbox, and every test in it passes', async () => {
    const tests = await played('collection@example.com');
    expect(tests.filter(({ failure }) => failure !== null)).toEqual([]);
    expect(tests.length).toBeGreaterThan(20);
  });

  it('has tests that can fail: with another password nobody is let in', async () => {
    const tests = await played('collection@example.com', { password: 'Another-Passw0rd' });
    expect(tests.filter(({ failure }) => failure !== null).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['6 Sign in: answers 200', '9 The API, with both: answers 200']),
    );
  });
});
