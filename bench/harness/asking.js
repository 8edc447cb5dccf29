import { readFileSync } from 'node:fs';
import { request } from 'node:http';

/* The requests of the slices, in the form that a contestant takes, and what must come back. */

const text = (name) => readFileSync(new URL(`../documents/${name}.graphql`, import.meta.url), 'utf8').trim();
const DOCUMENTS = { me: text('me'), plans: text('plans'), subscribe: text('subscribe') };
/** Makes a text that nobody can have known before. */
const UNKNOWN = `# ${Date.now().toString(36)}\n`;

/** How `contestant` is asked for `me`, `plans` or `subscribe`. */
export function asking({ asks }, name, token, variables) {
  if (asks === 'rest') return { method: 'GET', path: `/${name}`, token };
  const query = asks === 'known' ? DOCUMENTS[name] : UNKNOWN + DOCUMENTS[name];
  return { method: 'POST', path: '/graphql', token, body: JSON.stringify({ query, variables }) };
}

/** Sends one request on a connection of its own: status, parsed body, and how many bytes came back. */
export function ask(port, { method, path, token, body }) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    const options = {
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...headers, connection: 'keep-alive' },
      agent: false,
    };
    const sent = request(options, (reply) => {
      const { socket } = reply; // node takes it away from the reply at its end
      let received = '';
      reply.setEncoding('utf8');
      reply.on('data', (chunk) => (received += chunk));
      reply.on('end', () => {
        resolve({ status: reply.statusCode, answer: parsed(received), bytes: socket.bytesRead });
        socket.destroy();
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Without `asOf`, which is the moment that Turnpike asked AWS. */
export const comparable = (answer) =>
  JSON.parse(JSON.stringify(answer, (name, value) => (name === 'asOf' ? undefined : value)));

function parsed(received) {
  try {
    return JSON.parse(received);
  } catch {
    return received;
  }
}
