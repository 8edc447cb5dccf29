import { PAGE_PATH, signInAddress } from './control-page/addresses.js';
import type { SandboxInfo } from './server.js';

/** What `npm run sandbox` says once everything answers. */
export function banner(sandboxUrl: string, info: SandboxInfo, serverUrl: string | null): string {
  const users = info.users.map(({ username, password, groups }) => {
    const note = groups.length > 0 ? `  (group ${groups.join(', ')})` : '';
    return `  ${username.padEnd(18)} ${password}${note}`;
  });
  const lines = [
    '',
    ...(serverUrl
      ? [`  Portal       ${serverUrl}/ (sign up, choose a plan, take the key)`, `  Turnpike     ${serverUrl}/graphql`]
      : []),
    `  Sandbox      ${sandboxUrl}${PAGE_PATH} (switches, mail, habits; open it in a browser)`,
    `  Sign-in      ${signInAddress(sandboxUrl, info)}`,
    `  User pool    ${info.userPoolId}, client ${info.clientId}`,
    `  API          ${info.invokeUrl}/pets (ID token and key), ${info.invokeUrl}/open (key)`,
    `  Plans        ${info.plans.map(({ code }) => code).join(', ')}`,
    '',
    ...users,
    '',
    ...(serverUrl
      ? ['Sign ada in, subscribe her to free and call the API:', '', tryIt(sandboxUrl, info, serverUrl), '']
      : []),
  ];
  return lines.join('\n');
}

/** The environment that points a server at the sandbox, as lines for a shell. */
export function exportLines(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`)
    .join('\n');
}

function tryIt(sandboxUrl: string, info: SandboxInfo, serverUrl: string): string {
  const [user] = info.users;
  const signIn = {
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: info.clientId,
    AuthParameters: { USERNAME: user?.username, PASSWORD: user?.password },
  };
  const changed = '... on SubscriptionChanged { key { id value } subscription { state } }';
  const query = `mutation { subscribe(plan: "free") { ${changed} ... on Problem { code message } } }`;
  return [
    `TOKENS=$(curl -s ${sandboxUrl}/ -H 'x-amz-target: AWSCognitoIdentityProviderService.InitiateAuth' \\`,
    `  -H 'content-type: application/x-amz-json-1.1' -d '${JSON.stringify(signIn)}')`,
    `token() { node -p 'JSON.parse(process.argv[1]).AuthenticationResult[process.argv[2]]' "$TOKENS" "$1"; }`,
    `REPLY=$(curl -s ${serverUrl}/graphql -H "authorization: Bearer $(token AccessToken)" \\`,
    `  -H 'content-type: application/json' -d '${JSON.stringify({ query })}'); echo "$REPLY"`,
    `KEY=$(node -p 'JSON.parse(process.argv[1]).data.subscribe.key.value' "$REPLY")`,
    `curl -is ${info.invokeUrl}/pets -H "authorization: $(token IdToken)" -H "x-api-key: $KEY"`,
  ].join('\n');
}
