// From signing in to a first call of the API and what is left of the quota, with nothing but fetch:
// node docs/examples/plain-fetch.mjs
const {
  TURNPIKE = 'http://127.0.0.1:3000/graphql',
  COGNITO = 'http://127.0.0.1:4510/', // on AWS https://cognito-idp.<region>.amazonaws.com/
  CLIENT_ID = 'turnpikesandboxclient00001', // its app client allows USER_PASSWORD_AUTH
  API = 'http://127.0.0.1:4510/_aws/execute-api/sandboxapi/v1/pets',
  EMAIL = 'ada@example.com',
  PASSWORD = 'Turnpike-1',
} = process.env;

const post = (url, headers, body) => fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));

async function signIn() {
  const operation = 'AWSCognitoIdentityProviderService.InitiateAuth';
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': operation };
  const AuthParameters = { USERNAME: EMAIL, PASSWORD };
  const reply = await post(COGNITO, headers, { AuthFlow: 'USER_PASSWORD_AUTH', ClientId: CLIENT_ID, AuthParameters });
  const { AuthenticationResult, message } = await reply.json();
  if (!AuthenticationResult) throw new Error(message);
  return AuthenticationResult;
}

async function ask(query, variables = {}) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${AccessToken}` };
  const { data, errors } = await (await post(TURNPIKE, headers, { query, variables })).json();
  const refused = errors?.[0].extensions;
  if (refused?.code === 'TRY_AGAIN') {
    await seconds(refused.retryAfterSeconds); // nothing was changed
    return ask(query, variables);
  }
  const code = refused?.code ?? Object.values(data)[0].code; // of a refusal, or of a Problem: docs/problems.md
  if (code) throw new Error(code);
  return data;
}

const { AccessToken, IdToken } = await signIn();
const { plans } = await ask('{ plans { code title price } }');
await ask('mutation ($plan: String!) { subscribe(plan: $plan) { ... on Problem { code } } }', { plan: plans[0].code });
const { revealKey } = await ask(
  'mutation { revealKey { ... on Problem { code } ... on KeyRevealed { key { value } } } }',
);
const called = await fetch(API, { headers: { authorization: IdToken, 'x-api-key': revealKey.key.value } });
const { me } = await ask('{ me { email subscription { planCode state } usage { used remaining resetsAt asOf } } }');
console.log(
  JSON.stringify({ plans: plans.map(({ code }) => code), status: called.status, body: await called.json(), me }),
);
