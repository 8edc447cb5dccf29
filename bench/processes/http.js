import { request } from 'node:http';

/** Sends one request on a connection of its own, which nobody can have closed: status, parsed body, and its bytes. */
export function send(port, { method, path, headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const sentHeaders = {
      connection: 'keep-alive', // as the load has it, for an answer of the same length
      ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...headers,
    };
    const options = { host: '127.0.0.1', port, method, path, headers: sentHeaders, agent: false };
    const sent = request(options, (reply) => {
      const { socket } = reply; // node takes it away from the reply at its end
      let received = '';
      reply.setEncoding('utf8');
      reply.on('data', (chunk) => {
        received += chunk;
      });
      reply.on('error', reject);
      reply.on('end', () => {
        resolve({ status: reply.statusCode, answer: parsed(received), bytes: socket.bytesRead });
        socket.destroy();
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

function parsed(received) {
  try {
    return JSON.parse(received);
  } catch {
    return received;
  }
}
