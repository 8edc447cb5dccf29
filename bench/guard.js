import { REFERENCE } from './contestants/list.js';
import { endWith, session } from './harness/session.js';
import { median } from './harness/statistics.js';

/*
 * `npm run bench:guard`: fails when reading got slow. It compares what a request of `me` costs Turnpike in CPU
 * with what it costs bare Apollo Server in the same rounds, so it does not depend on how fast a machine is. The margin is
 * wide: it is about 0.3, and a busy machine moves the ratio by a tenth.
 */

const MOST = 0.5;
const SLICE = ['--only', 'me', '--contestants', `${REFERENCE},turnpike`, '--rounds', '3', '--seconds', '3'];

async function guard(line) {
  let ratio = null;
  await session([...SLICE, ...line], (_name, results) => {
    const [reference, turnpike] = results.map(({ rounds }) => rounds.map(({ cpuPerRequest }) => cpuPerRequest));
    ratio = median(turnpike.map((microseconds, round) => microseconds / reference[round]));
    console.log(`CPU µs per request of me: Apollo ${inWords(reference)}, Turnpike ${inWords(turnpike)}`);
  });
  const isGood = ratio !== null && ratio <= MOST;
  console.log(
    `Turnpike needs ${ratio?.toFixed(2)} of what bare Apollo Server needs; at most ${MOST} is good. ${isGood ? 'Good.' : 'Too much.'}`,
  );
  return isGood ? 0 : 1;
}

const inWords = (numbers) => numbers.map((one) => one.toFixed(0)).join(', ');

endWith(guard(process.argv.slice(2)));
