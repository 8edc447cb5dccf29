/**
 * The size of an LRUCache that holds so many. Given as its `max` it would take the room for all of them at once, and a start
 * would wait for that.
 */
export const roomFor = (most: number) => ({ maxSize: most, sizeCalculation: () => 1 });
