import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** What Node is given for the bundled server. V8 takes back what it compiled under these alone, so whatever starts it asks here. */
export const SERVER_FLAGS = scripts['start:bundled'].split(' ').filter((word) => word.startsWith('--'));
