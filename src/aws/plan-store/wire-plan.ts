import type { PatchOperation, UsagePlan as WireUsagePlan } from '@aws-sdk/client-api-gateway';
import type { ApiStage, UsagePlan } from '../usage-plans.js';
import type { UsagePlanChange } from './plan-store.js';

export function toUsagePlan({ id = '', name = '', tags = {}, ...plan }: WireUsagePlan): UsagePlan {
  const { description, quota, throttle, apiStages = [] } = plan;
  return {
    id,
    name,
    description: description || null,
    tags,
    quota: quota?.limit && quota.period ? { limit: quota.limit, period: quota.period } : null,
    throttle:
      throttle?.rateLimit !== undefined
        ? { rateLimit: throttle.rateLimit, burstLimit: throttle.burstLimit ?? 0 }
        : null,
    stages: apiStages.map(({ apiId = '', stage = '' }) => ({ apiId, stage })),
  };
}

/**
 * What makes of `before` what is wanted: values are text, a quota or throttle goes as a whole, stages come and go one by
 * one, so that those that stay keep the throttles of their methods.
 */
export function patchesFor(before: UsagePlan, change: UsagePlanChange): PatchOperation[] {
  const { name, description, quota, throttle, stages } = change;
  return [
    ...(name !== undefined ? [replace('/name', name)] : []),
    ...(description !== undefined ? [replace('/description', description ?? '')] : []),
    ...limits('/quota', before.quota, quota),
    ...limits('/throttle', before.throttle, throttle),
    ...stagePatches(before.stages, stages ?? before.stages),
  ];
}

function limits(path: string, before: object | null, wanted: object | null | undefined): PatchOperation[] {
  if (wanted === undefined) return [];
  if (wanted === null) return before ? [{ op: 'remove', path }] : [];
  return Object.entries(wanted).map(([member, value]) => replace(`${path}/${member}`, String(value)));
}

function stagePatches(before: readonly ApiStage[], wanted: readonly ApiStage[]): PatchOperation[] {
  const [had, has] = [before.map(nameOf), wanted.map(nameOf)];
  const added = has.filter((name) => !had.includes(name));
  const removed = had.filter((name) => !has.includes(name));
  return [
    ...added.map((value) => ({ op: 'add' as const, path: '/apiStages', value })),
    ...removed.map((value) => ({ op: 'remove' as const, path: '/apiStages', value })),
  ];
}

function nameOf({ apiId, stage }: ApiStage): string {
  return `${apiId}:${stage}`;
}

function replace(path: string, value: string): PatchOperation {
  return { op: 'replace', path, value };
}
