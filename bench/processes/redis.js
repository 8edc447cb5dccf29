import { start } from './children.js';
import { LOAD_CORE } from './machine.js';

/** A Redis that keeps nothing, gone when this process goes. */
export function startRedis(port) {
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = start(LOAD_CORE, ['redis-server', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', () => reject(new Error('This needs redis-server: apt-get install redis-server')));
    child.once('exit', (code) =>
      reject(new Error(`redis-server ended with ${code}: is it there, and port ${port} free?`)),
    );
    child.stdout.on('data', (chunk) => {
      if (chunk.includes('Ready to accept connections')) resolve({ url: `redis://127.0.0.1:${port}`, pid: child.pid });
    });
  });
}
