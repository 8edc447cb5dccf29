import { ConsoleLogger } from '@nestjs/common';
import type { Config } from './config.js';

const LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

/** One JSON object a line on standard output, from `LOG_LEVEL` up. */
export function createLogger({ logLevel }: Pick<Config, 'logLevel'>): ConsoleLogger {
  return new ConsoleLogger({ json: true, colors: false, logLevels: LEVELS.slice(0, LEVELS.indexOf(logLevel) + 1) });
}
