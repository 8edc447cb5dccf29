import {
  CreateUsagePlanKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetUsageCommand,
  type GetUsageCommandInput,
  GetUsagePlanCommand,
  GetUsagePlanKeysCommand,
  GetUsagePlansCommand,
  UpdateUsageCommand,
} from '@aws-sdk/client-api-gateway';
import { Injectable } from '@nestjs/common';
import { dayAfter } from '../clock.js';
import { AwsClients } from './aws-clients.js';
import { AwsUnavailableError, isNamed, orNull } from './failures.js';
import { Governor } from './governor.js';
import { allPages, PAGE_SIZE } from './pages.js';
import { toUsagePlan } from './plan-store/wire-plan.js';
import { type Attached, type DayUsage, type UsagePlan, UsagePlans } from './usage-plans.js';

/** "The usage date range can't exceed 90 days": https://aws.amazon.com/premiumsupport/knowledge-center/api-gateway-usage-key/ */
const MOST_DAYS = 90;

type UsageAsked = GetUsageCommandInput & { readonly startDate: string; readonly endDate: string };

@Injectable()
export class ApiGatewayUsagePlans extends UsagePlans {
  constructor(
    private readonly clients: AwsClients,
    private readonly governor: Governor,
  ) {
    super();
  }

  /** Lists carry no tags (measured on AWS), so each plan is read by itself. */
  async list(passedOver: ReadonlySet<string> = new Set()): Promise<UsagePlan[]> {
    const plans: UsagePlan[] = [];
    for (const id of await this.ids({})) {
      if (passedOver.has(id)) continue;
      const command = new GetUsagePlanCommand({ usagePlanId: id });
      const plan = await orNull(
        ['NotFoundException'],
        this.governor.run('GetUsagePlan', (abortSignal) => this.clients.gateway.send(command, { abortSignal })),
      );
      if (plan) plans.push(toUsagePlan(plan));
    }
    return plans;
  }

  plansOf(keyId: string): Promise<string[]> {
    return this.ids({ keyId });
  }

  /** The list carries the keys' values as well (measured on AWS); they go no further. */
  async keysIn(planId: string): Promise<string[]> {
    const keys = await allPages((position) =>
      this.governor.run('GetUsagePlanKeys', (abortSignal) =>
        this.clients.gateway.send(new GetUsagePlanKeysCommand({ usagePlanId: planId, limit: PAGE_SIZE, position }), {
          abortSignal,
        }),
      ),
    );
    return keys.map(({ id = '' }) => id);
  }

  /**
   * A conflict that does not pass is "already in it" or "in another plan of this stage": the key's plans tell which, and
   * whoever looks again may find that other plan left.
   */
  async attach(planId: string, keyId: string): Promise<Attached> {
    const command = new CreateUsagePlanKeyCommand({ usagePlanId: planId, keyId, keyType: 'API_KEY' });
    try {
      await this.governor.run('CreateUsagePlanKey', (abortSignal) =>
        this.clients.gateway.send(command, { abortSignal }),
      );
      return 'attached';
    } catch (error) {
      if (isNamed(error, ['NotFoundException'])) return 'gone';
      if (!isNamed(error, ['ConflictException'])) throw error;
      if ((await this.plansOf(keyId)).includes(planId)) return 'there already';
      throw new AwsUnavailableError('CreateUsagePlanKey', 1, { cause: error });
    }
  }

  async detach(planId: string, keyId: string): Promise<void> {
    const command = new DeleteUsagePlanKeyCommand({ usagePlanId: planId, keyId });
    const detached = await orNull(
      ['NotFoundException', 'ConflictException'],
      this.governor.run('DeleteUsagePlanKey', (abortSignal) => this.clients.gateway.send(command, { abortSignal })),
    );
    if (detached !== null || !(await this.plansOf(keyId)).includes(planId)) return;
    throw new AwsUnavailableError('DeleteUsagePlanKey', 1);
  }

  async usage(planId: string, keyId: string, from: string, to: string): Promise<DayUsage[]> {
    return (await this.reports({ usagePlanId: planId, keyId, startDate: from, endDate: to })).get(keyId) ?? [];
  }

  usageByKey(planId: string, from: string, to: string): Promise<ReadonlyMap<string, DayUsage[]>> {
    return this.reports({ usagePlanId: planId, startDate: from, endDate: to, limit: PAGE_SIZE });
  }

  async setRemaining(planId: string, keyId: string, remaining: number): Promise<boolean> {
    const command = new UpdateUsageCommand({
      usagePlanId: planId,
      keyId,
      patchOperations: [{ op: 'replace', path: '/remaining', value: String(remaining) }],
    });
    const set = await orNull(
      ['NotFoundException'],
      this.governor.run('UpdateUsage', (abortSignal) => this.clients.gateway.send(command, { abortSignal })),
    );
    return set !== null;
  }

  /** A time that is longer than AWS reports at once is asked for in parts; their days follow one another. */
  private async reports(asked: UsageAsked): Promise<Map<string, DayUsage[]>> {
    const reports = new Map<string, DayUsage[]>();
    for (const part of partsOf(asked)) {
      for (const [keyId, days] of await this.report(part)) {
        reports.set(keyId, [...(reports.get(keyId) ?? []), ...days]);
      }
    }
    return reports;
  }

  private async report(asked: UsageAsked): Promise<Map<string, DayUsage[]>> {
    const report = new Map<string, DayUsage[]>();
    let position: string | undefined;
    do {
      const command = new GetUsageCommand({ ...asked, position });
      const page = await orNull(
        ['NotFoundException'],
        this.governor.run('GetUsage', (abortSignal) => this.clients.gateway.send(command, { abortSignal })),
      );
      for (const [keyId, pairs] of Object.entries(page?.items ?? {})) {
        report.set(keyId, toDays(pairs, asked.startDate)); // one that is on two pages is told of twice
      }
      position = page?.position;
    } while (position);
    return report;
  }

  private async ids(filter: { keyId?: string }): Promise<string[]> {
    const plans = await allPages((position) =>
      this.governor.run('GetUsagePlans', (abortSignal) =>
        this.clients.gateway.send(new GetUsagePlansCommand({ ...filter, limit: PAGE_SIZE, position }), { abortSignal }),
      ),
    );
    return plans.map(({ id = '' }) => id);
  }
}

function partsOf(asked: UsageAsked): UsageAsked[] {
  const lastOfPart = dayAfter(asked.startDate, MOST_DAYS - 1);
  if (lastOfPart >= asked.endDate) return [asked];
  return [{ ...asked, endDate: lastOfPart }, ...partsOf({ ...asked, startDate: dayAfter(lastOfPart, 1) })];
}

/** One pair a day from `from` on; a short or empty pair is a day that AWS does not report. */
function toDays(pairs: readonly (readonly number[])[], from: string): DayUsage[] {
  return pairs.flatMap(([used, remaining], index) => {
    if (used === undefined || remaining === undefined) return [];
    return [{ date: dayAfter(from, index), used, remaining }];
  });
}
