import { spawnSync } from 'node:child_process';
import { Moto } from '../../support/moto.js';
import { Cloud, type CloudOptions } from '../cloud.js';
import { clientsAt } from './sandbox.js';

const ELSEWHERE = 'moto_server runs in a process of its own';

export const MOTO_LACKS: CloudOptions['lacks'] = {
  clock: ELSEWHERE,
  functions: ELSEWHERE,
  triggers: ELSEWHERE,
  mail: 'moto sends none',
  insides: ELSEWHERE,
  gate: 'moto_server does not serve deployed APIs at an address of their own, nor asks for keys there',
  reports: 'moto counts no calls',
  pages: 'moto has none',
};

/** moto_server on a free port, until the cloud is closed. */
export async function motoCloud(): Promise<Cloud> {
  const moto = await Moto.start();
  return new Cloud({
    name: 'moto',
    region: 'us-east-1',
    accountId: '123456789012',
    ...clientsAt(moto.url),
    executeUrl: () => moto.url,
    lacks: MOTO_LACKS,
    stop: moto.close,
  });
}

/** As Python says; the server itself does not tell. */
export function motoVersion(): string {
  const asked = spawnSync('python3', ['-c', 'import importlib.metadata as m; print(m.version("moto"))']);
  return `moto ${String(asked.stdout).trim() || 'of an unknown version'}`;
}
