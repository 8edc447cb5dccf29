import { randomBytes } from 'node:crypto';
import { serverPolicies } from './iam/server-policies.js';
import { Sandbox, type SandboxInfo } from './server.js';
import { freePort, onSignals, ServerProcess, serverEnvironment } from './server-process.js';
import { Narrator } from './tour/narrator.js';
import { Story } from './tour/story.js';
import { Visitor } from './tour/visitor.js';

/** `npm run tour`: a sandbox in memory, the unchanged server, and a customer's whole story through HTTP. */

async function tour(narrator: Narrator): Promise<void> {
  const sandbox = await Sandbox.start({ port: 0, directory: null, policies: serverPolicies() });
  let server: ServerProcess | null = null;
  const stop = async () => {
    await server?.stop();
    await sandbox.close();
  };
  onSignals(stop, 130);
  try {
    const secrets = { port: await freePort('PORT', 0), keySecret: randomBytes(32).toString('base64url') };
    server = new ServerProcess(serverEnvironment(sandbox, secrets, {}), {});
    await server.ready();
    const { clientId, invokeUrl } = await fetchJson<SandboxInfo>(`${sandbox.url}/_sandbox/info`);
    const places = { server: server.url, cognito: sandbox.url, api: invokeUrl, clientId };
    const visitor = new Visitor(places, narrator);
    await new Story(visitor, narrator, (email) => mailedCode(sandbox.url, email)).tell();
    lookAtLog(narrator, server.log, visitor.secrets);
  } finally {
    await stop();
  }
}

async function mailedCode(sandboxUrl: string, email: string): Promise<string> {
  const letters = await fetchJson<{ to: string; code: string }[]>(`${sandboxUrl}/_sandbox/mail`);
  const letter = letters.findLast(({ to }) => to === email);
  if (!letter) throw new Error(`No mail came for ${email}.`);
  return letter.code;
}

function lookAtLog(narrator: Narrator, log: string, secrets: readonly string[]): void {
  narrator.chapter("Look into the server's log");
  const mutations = [...log.matchAll(/"mutation":"(\w+)"/g)].map(([, name]) => name);
  narrator.exchange('audit lines', mutations.length, mutations.join(' '));
  const found = secrets.filter((secret) => log.includes(secret)).length;
  narrator.promise('It holds no key, token or password of this tour', found, 0);
}

async function fetchJson<T>(url: string): Promise<T> {
  const reply = await fetch(url);
  return (await reply.json()) as T;
}

const narrator = new Narrator((line) => console.log(line));
await tour(narrator).catch((error: unknown) => narrator.stuck(error));
narrator.end();
process.exit(narrator.allKept ? 0 : 1);
