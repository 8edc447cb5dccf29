import type { Config } from '../../config.js';
import { contentPolicy } from '../content-policy.js';

/** Where the files of the page are; the page itself is the landing page of the GraphQL endpoint. */
export const GRAPHIQL_PATH = '/graphiql';

/** The playground: no script stands in the page, and what the scripts have to know is data in it. */
export function playgroundPage(config: Config): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Turnpike playground</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${GRAPHIQL_PATH}/graphiql.css" />
    <link rel="stylesheet" href="${GRAPHIQL_PATH}/page.css" />
  </head>
  <body>
    <header class="bar">
      <h1>Turnpike playground</h1>
      <p id="who" role="status">Loading …</p>
      <button id="sign-in" type="button" hidden>Sign in</button>
      <button id="sign-out" type="button" hidden>Sign out</button>
    </header>
    <main id="graphiql" data-sign-in="${asAttribute(JSON.stringify(signIn(config)))}"></main>
    <script src="${GRAPHIQL_PATH}/react.js"></script>
    <script src="${GRAPHIQL_PATH}/react-dom.js"></script>
    <script src="${GRAPHIQL_PATH}/graphiql.js"></script>
    <script src="${GRAPHIQL_PATH}/oidc-client.js"></script>
    <script type="module" src="${GRAPHIQL_PATH}/start.js"></script>
  </body>
</html>
`;
}

/** The page calls the hosted pages as well, to redeem the code that they send it back with. */
export function playgroundPolicy({ hostedUi }: Pick<Config, 'hostedUi'>): string {
  return contentPolicy({ connect: hostedUi === null ? [] : [hostedUi] });
}

/** How the page signs people in; null = it cannot, because nobody has said where the hosted pages are. */
function signIn({ hostedUi, clientIds, region, userPoolId, tokenUse, adminGroup }: Config) {
  if (hostedUi === null) return null;
  const issuer = `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`;
  return { issuer, hostedUi, clientId: clientIds[0], tokenUse, adminGroup };
}

function asAttribute(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
