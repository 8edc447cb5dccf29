import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createLogger } from '../../src/log.js';
import { TEMPLATE } from '../support/template/deployed.js';
import { isFound } from '../support/template/filter-pattern.js';
import { readTemplate } from '../support/template/template-file.js';

/** The filters of the template: which metric counts which lines of which log. */
const FILTERS = Object.values(readTemplate(TEMPLATE).Resources)
  .filter(({ Type }) => Type === 'AWS::Logs::MetricFilter')
  .map(({ Properties = {} }) => ({
    log: String(Object(Properties.LogGroupName).Ref),
    pattern: String(Properties.FilterPattern),
    metric: String(Object([Properties.MetricTransformations].flat()[0]).MetricName),
  }));

/** The metrics that count something of what `work` writes to standard output and standard error, were it that log. */
export async function countedBy(log: string, work: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => lines.push(...String(text).split('\n')) > 0),
  );
  Logger.overrideLogger(createLogger({ keySecrets: [], redisUrl: null, logLevel: 'log' }));
  await work().finally(() => {
    for (const spy of spies) spy.mockRestore();
  });
  const found = FILTERS.filter((one) => one.log === log && lines.some((line) => isFound(one.pattern, line)));
  return [...new Set(found.map(({ metric }) => metric))].sort();
}
