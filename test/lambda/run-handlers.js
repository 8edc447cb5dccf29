// An instance of a function as Lambda would have it: a process that loads one file and calls its handlers, one JSON line for
// each event, one for each answer. The first argument is the file.
import { createInterface } from 'node:readline';

const loaded = await import(process.argv[2]);
const handlers = loaded.default ?? loaded; // what a script exports
process.stdout.write(`${JSON.stringify({ handlers: Object.keys(handlers).sort() })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { handler, event } = JSON.parse(line);
  const answer = await Promise.resolve(handlers[handler](event, {})).then(
    (value) => ({ value }),
    (error) => ({ error: error.message }),
  );
  process.stdout.write(`${JSON.stringify({ answer })}\n`);
}
process.exit();
