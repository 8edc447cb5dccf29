/** KEY_SECRET, and the one that takes its place. */
export const SECRET = 's'.repeat(32);
export const NEXT_SECRET = 't'.repeat(32);
