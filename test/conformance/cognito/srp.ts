import { createDiffieHellmanGroup } from 'node:crypto';
import { expect } from '@jest/globals';
import { OTHER_PASSWORD, PASSWORD, type Row, refusal, secretHash, type World } from '../cognito-rows.js';
import { SrpClient } from './srp-client.js';

const WRONG = 'NotAuthorizedException: Incorrect username or password.';

async function challenge(world: World, username: string, client = world.clientId, more: Record<string, string> = {}) {
  const srp = new SrpClient(world.poolId);
  const reply = await world.start('USER_SRP_AUTH', { USERNAME: username, SRP_A: srp.publicA, ...more }, client);
  return { srp, reply, parameters: reply.ChallengeParameters ?? {} };
}

function respond(world: World, responses: Record<string, string>, client = world.clientId) {
  const ChallengeName = 'PASSWORD_VERIFIER' as const;
  return world.aws.respondToAuthChallenge({ ClientId: client, ChallengeName, ChallengeResponses: responses });
}

async function signIn(world: World, username: string, { client = world.clientId, password = PASSWORD } = {}) {
  const { srp, parameters } = await challenge(world, username, client);
  return respond(world, srp.answer(parameters, password), client);
}

const hiding = (world: World) => world.client({ PreventUserExistenceErrors: 'ENABLED' });

export const SRP: readonly Row[] = [
  {
    id: 'srp.challenge',
    call: 'InitiateAuth',
    what: 'the challenge names the real username, and holds a salt, a number and a secret block',
    run: async (world) => {
      const { email, sub } = await world.someoneBySrp();
      const { reply, parameters } = await challenge(world, email);
      return [reply.ChallengeName, parameters, parameters.USER_ID_FOR_SRP === sub, reply.AuthenticationResult];
    },
    expected: [
      'PASSWORD_VERIFIER',
      {
        USERNAME: expect.any(String),
        USER_ID_FOR_SRP: expect.any(String),
        SALT: expect.stringMatching(/^[\da-f]{20,32}$/),
        SRP_B: expect.stringMatching(/^[\da-f]{700,768}$/),
        SECRET_BLOCK: expect.stringMatching(/^[\w+/]{100,}=*$/),
      },
      true,
      undefined,
    ],
    basis: 'docs',
    source: 'amazon-cognito-user-pools-authentication-flow-methods; read from amazon-cognito-identity-js',
  },
  {
    id: 'srp.sign-in',
    call: 'RespondToAuthChallenge',
    what: 'the proof gives tokens, by address and by sub; where the pool ignores case, in any case',
    run: async (world) => {
      const { email, sub } = await world.someoneBySrp();
      const replies = [await signIn(world, email), await signIn(world, email.toUpperCase()), await signIn(world, sub)];
      return replies.map(({ AuthenticationResult }) => AuthenticationResult?.TokenType);
    },
    expected: ['Bearer', 'Bearer', 'Bearer'],
    basis: 'docs',
    source: 'amazon-cognito-user-pools-authentication-flow-methods',
  },
  {
    id: 'srp.wrong-password',
    call: 'RespondToAuthChallenge',
    what: 'a wrong password gives a wrong proof',
    run: async (world) => refusal(signIn(world, (await world.someoneBySrp()).email, { password: OTHER_PASSWORD })),
    expected: WRONG,
    basis: 'field',
    source: 'the message of every client',
  },
  {
    id: 'srp.lockout',
    call: 'RespondToAuthChallenge',
    what: 'wrong proofs lock out like wrong passwords',
    run: async (world) => {
      const { email } = await world.someoneBySrp();
      for (let i = 0; i < 5; i++) await refusal(signIn(world, email, { password: OTHER_PASSWORD }));
      return refusal(signIn(world, email));
    },
    expected: 'NotAuthorizedException: Password attempts exceeded',
    basis: 'docs',
    source: 'authentication (lockout behavior)',
  },
  {
    id: 'srp.after-new-password',
    call: 'RespondToAuthChallenge, ChangePassword',
    what: 'sign-up, change, admin reset: each password is good for SRP, and only the last',
    run: async (world) => {
      const email = world.address();
      await world.aws.signUp({ ClientId: world.clientId, Username: email, Password: PASSWORD });
      await world.aws.confirmSignUp({ ClientId: world.clientId, Username: email, ConfirmationCode: world.code(email) });
      const first = await signIn(world, email);
      const AccessToken = first.AuthenticationResult?.AccessToken;
      await world.aws.changePassword({
        AccessToken,
        PreviousPassword: PASSWORD,
        ProposedPassword: OTHER_PASSWORD,
      });
      const old = await refusal(signIn(world, email));
      const second = await signIn(world, email, { password: OTHER_PASSWORD });
      await world.aws.adminSetUserPassword({
        UserPoolId: world.poolId,
        Username: email,
        Password: 'Third-one-3',
        Permanent: true,
      });
      const third = await signIn(world, email, { password: 'Third-one-3' });
      return [old, ...[first, second, third].map(({ AuthenticationResult }) => AuthenticationResult?.ExpiresIn)];
    },
    expected: [WRONG, 3600, 3600, 3600],
    basis: 'inference',
    source: 'a password is one password, whatever the flow',
    needs: ['mail'],
  },
  {
    id: 'srp.temporary-password',
    call: 'RespondToAuthChallenge',
    what: 'somebody invited proves the temporary password and is asked for another',
    run: async (world) => {
      const email = await world.invited();
      const asked = await signIn(world, email);
      const done = await world.aws.respondToAuthChallenge({
        ClientId: world.clientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: asked.Session,
        ChallengeResponses: { USERNAME: email, NEW_PASSWORD: OTHER_PASSWORD },
      });
      const again = await signIn(world, email, { password: OTHER_PASSWORD });
      return [asked.ChallengeName, done.AuthenticationResult?.ExpiresIn, again.AuthenticationResult?.ExpiresIn];
    },
    expected: ['NEW_PASSWORD_REQUIRED', 3600, 3600],
    basis: 'docs',
    source: 'amazon-cognito-user-pools-authentication-flow',
  },
  {
    id: 'srp.unconfirmed',
    call: 'SignUp, RespondToAuthChallenge',
    what: 'somebody unconfirmed is told so only after the right proof',
    run: async (world) => {
      const email = world.address();
      await world.aws.signUp({ ClientId: world.clientId, Username: email, Password: PASSWORD });
      return [await refusal(signIn(world, email, { password: OTHER_PASSWORD })), await refusal(signIn(world, email))];
    },
    expected: [WRONG, 'UserNotConfirmedException: User is not confirmed.'],
    basis: 'field',
    source: 'Amplify’s handling of UserNotConfirmedException',
  },
  {
    id: 'srp.unknown-user',
    call: 'InitiateAuth',
    what: 'LEGACY says that nobody has this name',
    run: (world) => refusal(signIn(world, 'nobody@example.com')),
    expected: 'UserNotFoundException: User does not exist.',
    basis: 'docs',
    source: 'cognito-user-pool-managing-errors',
  },
  {
    id: 'srp.pretence',
    call: 'RespondToAuthChallenge',
    what: 'ENABLED answers with a challenge: the same salt and a UUID each time, and no proof will do',
    run: async (world) => {
      const client = await hiding(world);
      const [one, two] = [
        await challenge(world, 'nobody@example.com', client),
        await challenge(world, 'nobody@example.com', client),
      ];
      const other = await challenge(world, 'somebody@example.com', client);
      const { SALT, USER_ID_FOR_SRP, SRP_B } = one.parameters;
      return [
        USER_ID_FOR_SRP,
        SALT === two.parameters.SALT && USER_ID_FOR_SRP === two.parameters.USER_ID_FOR_SRP,
        SALT === other.parameters.SALT || SRP_B === two.parameters.SRP_B,
        await refusal(respond(world, one.srp.answer(one.parameters, PASSWORD), client)),
      ];
    },
    expected: [expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/), true, false, WRONG],
    basis: 'docs',
    source: 'cognito-user-pool-managing-errors (SRP)',
  },
  {
    id: 'srp.bare-hash',
    call: 'RespondToAuthChallenge',
    what: 'a user seeded with a bare hash signs in by password, and from then on by SRP',
    run: async (world) => {
      const { email } = await world.bulkSeeded();
      const before = await refusal(signIn(world, email));
      await world.signIn(email);
      return [before, (await signIn(world, email)).AuthenticationResult?.ExpiresIn];
    },
    expected: [WRONG, 3600],
    basis: 'inference',
    source: 'Cognito has no such users',
    needs: ['insides'],
  },
  {
    id: 'srp.disabled',
    call: 'AdminDisableUser, RespondToAuthChallenge',
    what: 'a disabled user gets no challenge, and none answered that was asked before',
    run: async (world) => {
      const { email, at } = await world.someoneBySrp();
      const { srp, parameters } = await challenge(world, email);
      await world.aws.adminDisableUser(at);
      return [await refusal(respond(world, srp.answer(parameters, PASSWORD))), await refusal(challenge(world, email))];
    },
    expected: ['NotAuthorizedException: User is disabled.', 'NotAuthorizedException: User is disabled.'],
    basis: 'field',
    source: 'the message of every client',
  },
  {
    id: 'srp.once',
    call: 'RespondToAuthChallenge',
    what: 'a challenge is good for one answer, for its client and for three minutes',
    run: async (world) => {
      const { email } = await world.someoneBySrp();
      const { srp, parameters } = await challenge(world, email);
      const proof = srp.answer(parameters, PASSWORD);
      const foreign = await refusal(respond(world, proof, await world.client()));
      await respond(world, proof);
      const twice = await refusal(respond(world, proof));
      const late = await challenge(world, email);
      world.clock.forward(180);
      return [foreign, twice, await refusal(respond(world, late.srp.answer(late.parameters, PASSWORD)))];
    },
    expected: [
      'NotAuthorizedException: Invalid session for the user.',
      'NotAuthorizedException: Invalid session for the user.',
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    ],
    basis: 'docs',
    source: 'API_CreateUserPoolClient (AuthSessionValidity); the wording is inferred',
    needs: ['clock'],
  },
  {
    id: 'srp.not-anothers',
    call: 'RespondToAuthChallenge',
    what: 'a proof counts for its own user, block and time only',
    run: async (world) => {
      const [ada, eve] = [await world.someoneBySrp(), await world.someoneBySrp()];
      const forged = async (change: (proof: Record<string, string>) => Record<string, string>) => {
        const { srp, parameters } = await challenge(world, ada.email);
        return refusal(respond(world, { ...srp.answer(parameters, PASSWORD), ...change(parameters) }));
      };
      return [
        await forged(() => ({ USERNAME: eve.sub })),
        await forged(() => ({ TIMESTAMP: 'Sat Nov 21 10:00:01 UTC 2026' })),
        await forged(() => ({ PASSWORD_CLAIM_SIGNATURE: 'AAAA' })),
        await forged(() => ({ PASSWORD_CLAIM_SECRET_BLOCK: 'AAAA' })),
      ];
    },
    expected: [
      'NotAuthorizedException: Invalid session for the user.',
      WRONG,
      WRONG,
      'NotAuthorizedException: Invalid session for the user.',
    ],
    basis: 'docs',
    source: 'amazon-cognito-user-pools-authentication-flow-methods; the wording is inferred',
  },
  {
    id: 'srp.bad-numbers',
    call: 'InitiateAuth',
    what: 'an SRP_A that would give any user away is refused, and so is what is no number',
    run: async (world) => {
      const { email } = await world.someoneBySrp();
      const prime = createDiffieHellmanGroup('modp15').getPrime('hex');
      const bad = ['0', prime, 'zebra', '', 'f'.repeat(1025)];
      return Promise.all(bad.map((SRP_A) => refusal(world.start('USER_SRP_AUTH', { USERNAME: email, SRP_A }))));
    },
    expected: Array.from({ length: 5 }, () => expect.stringMatching(/^InvalidParameterException: .*SRP_A/)),
    basis: 'inference',
    source: 'RFC 5054, section 2.5.4: abort if A % N is zero',
  },
  {
    id: 'srp.timestamp',
    call: 'RespondToAuthChallenge',
    what: 'a time in another form is refused',
    run: async (world) => {
      const { srp, parameters } = await challenge(world, (await world.someoneBySrp()).email);
      return refusal(respond(world, srp.answer(parameters, PASSWORD, '2026-11-21T10:00:00Z')));
    },
    expected: 'InvalidParameterException: TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.',
    basis: 'field',
    source: 'reports of clients with another locale',
  },
  {
    id: 'srp.secret-hash',
    call: 'RespondToAuthChallenge',
    what: 'a client with a secret proves it at both steps: for the name it asked by, then for the name it was told',
    run: async (world) => {
      const client = await world.client({ GenerateSecret: true });
      const { email, sub } = await world.someoneBySrp();
      const bare = await refusal(challenge(world, email, client));
      const SECRET_HASH = secretHash(world.secretOf(client), email, client);
      const { srp, parameters } = await challenge(world, email, client, { SECRET_HASH });
      const proof = srp.answer(parameters, PASSWORD);
      const unproven = await refusal(respond(world, { ...proof, SECRET_HASH }, client));
      const proven = { ...proof, SECRET_HASH: secretHash(world.secretOf(client), sub, client) };
      return [bare, unproven, (await respond(world, proven, client)).AuthenticationResult?.ExpiresIn];
    },
    expected: [
      expect.stringMatching(/^NotAuthorizedException: Client .* is configured with secret but SECRET_HASH was not/),
      expect.stringMatching(/^NotAuthorizedException: Unable to verify secret hash for client/),
      3600,
    ],
    basis: 'docs',
    source: 'signing-up-users-in-your-app#cognito-user-pools-computing-secret-hash',
  },
  {
    id: 'srp.flow',
    call: 'InitiateAuth',
    what: 'SRP must be allowed; it is by default, and by the older names of flows',
    run: async (world) => {
      const { email } = await world.someoneBySrp();
      const without = await world.client({ ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] });
      const plain = await world.client({ ExplicitAuthFlows: [] });
      const older = await world.client({ ExplicitAuthFlows: ['USER_PASSWORD_AUTH'] });
      const names = [plain, older].map(async (client) => (await challenge(world, email, client)).reply.ChallengeName);
      return [await refusal(challenge(world, email, without)), ...(await Promise.all(names))];
    },
    expected: [
      'InvalidParameterException: USER_SRP_AUTH flow not enabled for this client',
      'PASSWORD_VERIFIER',
      'PASSWORD_VERIFIER',
    ],
    basis: 'docs',
    source: 'API_CreateUserPoolClient (ExplicitAuthFlows)',
  },
  {
    id: 'srp.admin',
    call: 'AdminInitiateAuth, AdminRespondToAuthChallenge',
    what: 'the pool’s owner may start SRP for somebody too',
    run: async (world) => {
      const { email } = await world.someoneBySrp();
      const srp = new SrpClient(world.poolId);
      const at = { UserPoolId: world.poolId, ClientId: world.clientId };
      const asked = await world.aws.adminInitiateAuth({
        ...at,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: { USERNAME: email, SRP_A: srp.publicA },
      });
      const done = await world.aws.adminRespondToAuthChallenge({
        ...at,
        ChallengeName: 'PASSWORD_VERIFIER',
        ChallengeResponses: srp.answer(asked.ChallengeParameters ?? {}, PASSWORD),
      });
      return done.AuthenticationResult?.TokenType;
    },
    expected: 'Bearer',
    basis: 'docs',
    source: 'API_AdminInitiateAuth (AuthFlow)',
  },
];
