import { asking } from './asking.js';

const CONNECTIONS = 32;
const MUTATION_EVERY = 5;

const everybody =
  (name) =>
  (contestant, { customers }) =>
    customers.map(({ token }) => asking(contestant, name, token));

/**
 * What is measured. `requests` are what a contestant is sent, over and over, in its first, second … turn; `asks` is what is looked at before and after.
 * `starts` is of another kind: processes are started anew.
 */
export const SLICES = {
  start: { title: 'Start: process to first answer of `me`', isStart: true },
  me: {
    title: `\`me\` with plan, key and usage, warm, ${CONNECTIONS} connections`,
    asks: 'me',
    connections: CONNECTIONS,
    requests: everybody('me'),
  },
  made: {
    title: `The same with a variable: Turnpike keeps no answer to that, ${CONNECTIONS} connections`,
    asks: 'made',
    connections: CONNECTIONS,
    takesPart: ({ isConstant }) => !isConstant,
    requests: everybody('made'),
  },
  plans: {
    title: `\`plans\`, 20 plans, warm, ${CONNECTIONS} connections`,
    asks: 'plans',
    connections: CONNECTIONS,
    requests: everybody('plans'),
  },
  one: { title: '`me`, one connection', asks: 'me', connections: 1, requests: everybody('me') },
  cold: {
    title: `\`me\`, every request with a token never seen before, ${CONNECTIONS} connections`,
    asks: 'me',
    connections: CONNECTIONS,
    isOnce: true,
    takesPart: ({ isConstant }) => !isConstant,
    requests: async (contestant, { pool, customers, coldTokens }, turn) =>
      (await pool.batch(turn, customers, coldTokens)).map((token) => asking(contestant, 'me', token)),
  },
  mutations: {
    title: `20 % changes of plan, 80 % \`me\`, against the sandbox, ${CONNECTIONS} connections (Turnpike alone: nobody else here asks AWS)`,
    asks: 'me',
    connections: CONNECTIONS,
    expected: '"state":',
    asksAws: true,
    takesPart: ({ isTurnpike, asks, hasExtensions }) => isTurnpike && asks === 'graphql' && !hasExtensions,
    requests: withMutations,
  },
};

/** Every fifth request moves the next customer to the other of two plans; the others are `me` of everybody in turn. */
function withMutations(contestant, { customers }) {
  const changes = ['pro', 'basic'].flatMap((plan) =>
    customers.map(({ token }) => asking(contestant, 'subscribe', token, { plan })),
  );
  return changes.flatMap((change, turn) => [
    ...Array.from({ length: MUTATION_EVERY - 1 }, (_, n) => {
      const { token } = customers[(turn * (MUTATION_EVERY - 1) + n) % customers.length];
      return asking(contestant, 'me', token);
    }),
    change,
  ]);
}
