import { play } from './play.js';

await play(9);
