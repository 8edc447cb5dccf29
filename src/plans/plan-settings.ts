import * as z from 'zod';
import type { NewUsagePlan } from '../aws/plan-store/plan-store.js';
import { STAGE_NAME, type UsagePlan } from '../aws/usage-plans.js';

export const PLAN_CODE = /^[a-z0-9][a-z0-9-]{0,31}$/;

const MOST_CALLS = 2 ** 31 - 1;
const MOST_PER_SECOND = 1_000_000;
const MOST_TAG_CHARACTERS = 256;
const MOST_DESCRIPTION_CHARACTERS = 1000;
/** All that AWS lets a tag be made of. */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const CONTROL = /\p{Cc}/u;

const tagText = z
  .string('must be a text')
  .trim()
  .min(1, 'must not be blank')
  .max(MOST_TAG_CHARACTERS, `must have at most ${MOST_TAG_CHARACTERS} characters`)
  .regex(
    TAG_TEXT,
    'may have letters, digits, spaces and _ . : / = + - @ only: it is kept in a tag, and AWS allows no other',
  );
const wholeNumber = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`;
  return z.number(message).int(message).min(least, message).max(most, message);
};
const unlimited = 'must be given; null means unlimited';

const members = {
  code: z
    .string('must be given')
    .regex(PLAN_CODE, 'must be 1 to 32 of a-z, 0-9 and -, and begin with a letter or a digit'),
  title: tagText,
  description: z
    .string('must be a text')
    .trim()
    .min(1, 'must not be blank')
    .max(MOST_DESCRIPTION_CHARACTERS, `must have at most ${MOST_DESCRIPTION_CHARACTERS} characters`)
    .refine((text) => !CONTROL.test(text), 'must have no line breaks or other control characters')
    .nullable(),
  price: tagText.nullable(),
  order: wholeNumber(0, 1_000_000).nullable(),
  selfService: z.boolean('must be true or false'),
  retired: z.boolean('must be true or false'),
  quota: z
    .strictObject(
      {
        limit: wholeNumber(1, MOST_CALLS),
        period: z.enum(['DAY', 'WEEK', 'MONTH'], 'must be DAY, WEEK or MONTH'),
      },
      { error: (issue) => (issue.code === 'invalid_type' ? unlimited : undefined) },
    )
    .nullable(),
  throttle: z
    .strictObject(
      {
        rateLimit: z
          .number('must be a number of calls a second')
          .gt(0, 'must be above 0')
          .max(MOST_PER_SECOND, `must be at most ${MOST_PER_SECOND}`),
        burstLimit: wholeNumber(1, MOST_PER_SECOND),
      },
      { error: (issue) => (issue.code === 'invalid_type' ? unlimited : undefined) },
    )
    .nullable(),
  stages: z
    .array(
      z.string('must be a text').regex(STAGE_NAME, 'must be <api id>:<stage>, such as a1b2c3d4e5:v1'),
      'must be a list',
    )
    .min(1, 'must name at least one stage as <api id>:<stage>')
    .refine((stages) => new Set(stages).size === stages.length, 'must name each stage once'),
};

/** A plan in the words that customers and admins use for it, whole: what is not limited says so with null. */
export const planSettings = z.strictObject({
  ...members,
  description: members.description.default(null),
  price: members.price.default(null),
  order: members.order.default(null),
  selfService: members.selfService.default(false),
  retired: members.retired.default(false),
});

/** What of a plan may change: its code stands, and it is retired by a word of its own. */
export const planChange = z.strictObject(members).omit({ code: true, retired: true }).partial();

export type PlanSettings = Readonly<z.output<typeof planSettings>>;

/** One sentence for each thing that is wrong, with the path to it. */
export function mistakesOf({ issues }: z.ZodError): string[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [`${pathOf(issue.path)} ${issue.message}`];
    return issue.keys.map((key) => `${pathOf([...issue.path, key])} is not known`);
  });
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** What the plan's tags are called in this deployment. */
export type TagName = (name: string) => string;

export function tagNames(keyPrefix: string): TagName {
  return (name) => `${keyPrefix}:${name}`;
}

/** The tags of a plan; null = not to be there. */
export function tagsOf(settings: PlanSettings, tag: TagName): Record<string, string | null> {
  const { code, title, price, order, selfService, retired } = settings;
  return {
    [tag('plan')]: code,
    [tag('title')]: title,
    [tag('price')]: price,
    [tag('order')]: order === null ? null : String(order),
    [tag('self-service')]: selfService ? 'true' : null,
    [tag('retired')]: retired ? 'true' : null,
  };
}

export function toUsagePlan(settings: PlanSettings, tag: TagName): NewUsagePlan {
  const { title, description, quota, throttle, stages } = settings;
  const tags = Object.entries(tagsOf(settings, tag)).filter((entry): entry is [string, string] => entry[1] !== null);
  return { name: title, description, tags: Object.fromEntries(tags), quota, throttle, stages: stages.map(toStage) };
}

/** What a usage plan of ours says of itself, whoever made it. */
export function settingsOf(
  { name, description, tags, quota, throttle, stages }: UsagePlan,
  tag: TagName,
): PlanSettings {
  const order = Number(tags[tag('order')] ?? Number.NaN);
  return {
    code: tags[tag('plan')] ?? '',
    title: tags[tag('title')] ?? name,
    description,
    price: tags[tag('price')] ?? null,
    order: Number.isFinite(order) ? order : null,
    selfService: tags[tag('self-service')] === 'true',
    retired: tags[tag('retired')] === 'true',
    quota,
    throttle,
    stages: stages.map(({ apiId, stage }) => `${apiId}:${stage}`),
  };
}

export function toStage(name: string): { readonly apiId: string; readonly stage: string } {
  const [apiId = '', stage = ''] = name.split(':');
  return { apiId, stage };
}

/** The members in which two plans differ; the order of stages is none of their business. */
export function differing(one: PlanSettings, other: PlanSettings): readonly (keyof PlanSettings)[] {
  const members = Object.keys(planSettings.shape) as (keyof PlanSettings)[];
  return members.filter((member) => textOf(one[member]) !== textOf(other[member]));
}

/** Equal for equal values. */
function textOf(value: PlanSettings[keyof PlanSettings]): string {
  if (Array.isArray(value)) return [...value].sort().join(' ');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
