/**
 * For an LRUCache that holds so many. Given as its `max` it would take the room for all of them at once, and a start would
 * wait for that.
 */
export const roomFor = (most: number) => ({ maxSize: most, sizeCalculation: () => 1 });

/** For an LRUCache whose entries age by a clock of ours, in milliseconds. It is looked at for each read: a timer of a millisecond would be set otherwise. */
export const agingBy = (now: () => number) => ({ perf: { now }, ttlResolution: 0 });
