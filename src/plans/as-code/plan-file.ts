import { parse, stringify, YAMLParseError } from 'yaml';
import * as z from 'zod';
import { mistakesOf, PLAN_CODE, type PlanSettings, planSettings } from '../plan-settings.js';

const NO_MAP = 'must be a map from codes to plans, such as "free: { title: Free, … }"';
const NO_CODE = 'is no code: it must be 1 to 32 of a-z, 0-9 and -, and begin with a letter or a digit';

const file = z.strictObject({
  plans: z.record(z.string().regex(PLAN_CODE), planSettings.omit({ code: true }), {
    error: ({ code }) => (code === 'invalid_type' ? NO_MAP : NO_CODE),
  }),
});

/** The file is no list of plans; `mistakes` names each with the path to it. */
export class PlanFileError extends Error {
  constructor(readonly mistakes: readonly string[]) {
    super(`The file of plans cannot be used:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
  }
}

/** @throws PlanFileError */
export function readPlanFile(text: string): PlanSettings[] {
  const { data, error } = file.safeParse(contentOf(text));
  if (error) throw new PlanFileError(mistakesOf(error));
  return Object.entries(data.plans).map(([code, plan]) => ({ code, ...plan }));
}

/** What readPlanFile reads again; what is as if it were not written is left out. */
export function writePlanFile(plans: readonly PlanSettings[]): string {
  const entries = plans.map(({ code, ...plan }) => {
    const { title, description, price, order, selfService, retired, quota, throttle, stages } = plan;
    const written = {
      title,
      ...(description !== null && { description }),
      ...(price !== null && { price }),
      ...(order !== null && { order }),
      selfService,
      ...(retired && { retired }),
      quota,
      throttle,
      stages,
    };
    return [code, written] as const;
  });
  return stringify({ plans: Object.fromEntries(entries) }, { lineWidth: 0 });
}

function contentOf(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError) throw new PlanFileError([error.message.trim()]);
    throw error;
  }
}
