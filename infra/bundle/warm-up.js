// Starts a bundle, asks it what a start is asked, and keeps what V8 has compiled by then beside its code. The arguments are
// the entrance and the file to write.
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { load } from './loader.js';

const POLL_MILLISECONDS = 20;
const WITHIN_MILLISECONDS = 60_000;
const QUERIES = ['{ __typename }', '{ plans { code } }'];
const headers = { 'content-type': 'application/json' };

const [, , entrance = '', cache = ''] = process.argv;
const {
  script,
  exports: { http },
} = load(entrance);

/** The text of the answer; null = nobody listens yet. */
const ask = http ? answerToEvent : answerToRequest;
const until = Date.now() + WITHIN_MILLISECONDS;
for (const query of QUERIES) {
  const body = JSON.stringify({ query });
  let answer = await ask(body);
  while (answer === null && Date.now() < until) {
    await pause(POLL_MILLISECONDS);
    answer = await ask(body);
  }
  if (answer === null || !JSON.parse(answer).data) throw new Error(`${entrance} answers ${answer}`);
}
writeFileSync(cache, script.createCachedData());
process.exit();

async function answerToEvent(body) {
  const requestContext = { stage: '$default', http: { method: 'POST', path: '/graphql', sourceIp: '203.0.113.9' } };
  const event = { version: '2.0', rawPath: '/graphql', rawQueryString: '', headers, requestContext, body };
  const answer = await http({ ...event, isBase64Encoded: false }, {});
  return answer.body;
}

function answerToRequest(body) {
  return fetch(`http://127.0.0.1:${process.env.PORT}/graphql`, { method: 'POST', headers, body }).then(
    (reply) => reply.text(),
    () => null,
  );
}
