import {
  CreateUsagePlanKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetUsageCommand,
  type GetUsageCommandInput,
  GetUsagePlanCommand,
  paginateGetUsagePlanKeys,
  paginateGetUsagePlans,
  UpdateUsageCommand,
  type UsagePlan as WireUsagePlan,
} from '@aws-sdk/client-api-gateway';
import { Injectable } from '@nestjs/common';
import { AwsClients } from './aws-clients.js';
import { AwsUnavailableError, ask, askOr, isNamed } from './failures.js';
import { type DayUsage, type UsagePlan, UsagePlans } from './usage-plans.js';

const PAGE_SIZE = 500;
const DAY_MILLISECONDS = 86_400_000;

@Injectable()
export class ApiGatewayUsagePlans extends UsagePlans {
  constructor(private readonly clients: AwsClients) {
    super();
  }

  /** Lists carry no tags (measured on AWS), so each plan is read by itself. */
  async list(): Promise<UsagePlan[]> {
    const plans: UsagePlan[] = [];
    for (const id of await this.ids({})) {
      const plan = await askOr('GetUsagePlan', ['NotFoundException'], () =>
        this.clients.gateway.send(new GetUsagePlanCommand({ usagePlanId: id })),
      );
      if (plan) plans.push(toUsagePlan(plan));
    }
    return plans;
  }

  plansOf(keyId: string): Promise<string[]> {
    return this.ids({ keyId });
  }

  /** The list carries the keys' values as well (measured on AWS); they go no further. */
  keysIn(planId: string): Promise<string[]> {
    return ask('GetUsagePlanKeys', async () => {
      const ids: string[] = [];
      const pages = paginateGetUsagePlanKeys(
        { client: this.clients.gateway, pageSize: PAGE_SIZE },
        { usagePlanId: planId },
      );
      for await (const { items } of pages) ids.push(...(items ?? []).map(({ id = '' }) => id));
      return ids;
    });
  }

  async attach(planId: string, keyId: string): Promise<boolean> {
    const command = new CreateUsagePlanKeyCommand({ usagePlanId: planId, keyId, keyType: 'API_KEY' });
    try {
      await ask('CreateUsagePlanKey', () => this.clients.gateway.send(command));
      return true;
    } catch (error) {
      if (isNamed(error, ['NotFoundException'])) return false;
      // 409 stands for "already in it", "in another plan of this stage" and "somebody else is attaching": ask which.
      if (!isNamed(error, ['ConflictException'])) throw error;
      if ((await this.plansOf(keyId)).includes(planId)) return true;
      throw new AwsUnavailableError('CreateUsagePlanKey', 1, { cause: error });
    }
  }

  async detach(planId: string, keyId: string): Promise<void> {
    const detached = await askOr('DeleteUsagePlanKey', ['NotFoundException', 'ConflictException'], () =>
      this.clients.gateway.send(new DeleteUsagePlanKeyCommand({ usagePlanId: planId, keyId })),
    );
    if (detached === null && (await this.plansOf(keyId)).includes(planId)) {
      throw new AwsUnavailableError('DeleteUsagePlanKey', 1);
    }
  }

  async usage(planId: string, keyId: string, from: string, to: string): Promise<DayUsage[]> {
    return (await this.reports({ usagePlanId: planId, keyId, startDate: from, endDate: to })).get(keyId) ?? [];
  }

  usageByKey(planId: string, from: string, to: string): Promise<ReadonlyMap<string, DayUsage[]>> {
    return this.reports({ usagePlanId: planId, startDate: from, endDate: to, limit: PAGE_SIZE });
  }

  async setRemaining(planId: string, keyId: string, remaining: number): Promise<boolean> {
    const set = await askOr('UpdateUsage', ['NotFoundException'], () =>
      this.clients.gateway.send(
        new UpdateUsageCommand({
          usagePlanId: planId,
          keyId,
          patchOperations: [{ op: 'replace', path: '/remaining', value: String(remaining) }],
        }),
      ),
    );
    return set !== null;
  }

  private async reports(asked: GetUsageCommandInput & { startDate: string }): Promise<Map<string, DayUsage[]>> {
    const reports = new Map<string, DayUsage[]>();
    let position: string | undefined;
    do {
      const page = await askOr('GetUsage', ['NotFoundException'], () =>
        this.clients.gateway.send(new GetUsageCommand({ ...asked, position })),
      );
      for (const [keyId, pairs] of Object.entries(page?.items ?? {})) {
        reports.set(keyId, [...(reports.get(keyId) ?? []), ...toDays(pairs, asked.startDate)]);
      }
      position = page?.position;
    } while (position);
    return reports;
  }

  private ids(filter: { keyId?: string }): Promise<string[]> {
    return ask('GetUsagePlans', async () => {
      const ids: string[] = [];
      const pages = paginateGetUsagePlans({ client: this.clients.gateway, pageSize: PAGE_SIZE }, filter);
      for await (const { items } of pages) ids.push(...(items ?? []).map(({ id = '' }) => id));
      return ids;
    });
  }
}

/** One pair a day from `from` on; a short or empty pair is a day that AWS does not report. */
function toDays(pairs: readonly (readonly number[])[], from: string): DayUsage[] {
  return pairs.flatMap(([used, remaining], index) => {
    if (used === undefined || remaining === undefined) return [];
    const date = new Date(Date.parse(from) + index * DAY_MILLISECONDS).toISOString().slice(0, 10);
    return [{ date, used, remaining }];
  });
}

function toUsagePlan({ id = '', name = '', description, tags = {}, quota, throttle }: WireUsagePlan): UsagePlan {
  return {
    id,
    name,
    description: description ?? null,
    tags,
    quota: quota?.limit && quota.period ? { limit: quota.limit, period: quota.period } : null,
    throttle:
      throttle?.rateLimit !== undefined
        ? { rateLimit: throttle.rateLimit, burstLimit: throttle.burstLimit ?? 0 }
        : null,
  };
}
