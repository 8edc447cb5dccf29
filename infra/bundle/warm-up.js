// Starts a bundle, asks it what a start is asked, and keeps what V8 has compiled by then beside its code. The arguments are
// the entrance and the file to write.
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const POLL_MILLISECONDS = 20;
const WITHIN_MILLISECONDS = 60_000;
const QUERIES = ['{ __typename }', '{ plans { code } }'];
const headers = { 'content-type': 'application/json' };

const [, , entrance = '', cache = ''] = process.argv;
const { script, http } = await import(pathToFileURL(entrance).href);

/** The status of the answer; null = nobody listens yet. */
const ask = http ? statusOfEvent : statusOfRequest;
const until = Date.now() + WITHIN_MILLISECONDS;
for (const query of QUERIES) {
  const body = JSON.stringify({ query });
  while ((await ask(body)) !== 200) {
    if (Date.now() > until) throw new Error(`${entrance} does not answer`);
    await pause(POLL_MILLISECONDS);
  }
}
writeFileSync(cache, script.createCachedData());
process.exit();

async function statusOfEvent(body) {
  const requestContext = { stage: '$default', http: { method: 'POST', path: '/graphql', sourceIp: '203.0.113.9' } };
  const event = { version: '2.0', rawPath: '/graphql', rawQueryString: '', headers, requestContext, body };
  const { statusCode } = await http({ ...event, isBase64Encoded: false }, {});
  return statusCode;
}

function statusOfRequest(body) {
  return fetch(`http://127.0.0.1:${process.env.PORT}/graphql`, { method: 'POST', headers, body }).then(
    ({ status }) => status,
    () => null,
  );
}
