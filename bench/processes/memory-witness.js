/* Loaded into a server by `--import`: tells its memory after a collection, to whoever started it. */

process.on('message', () => {
  globalThis.gc();
  process.send(process.memoryUsage());
});
process.channel.unref();
