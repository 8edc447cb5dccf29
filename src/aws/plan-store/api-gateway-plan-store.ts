import { isDeepStrictEqual } from 'node:util';
import {
  CreateUsagePlanCommand,
  DeleteUsagePlanCommand,
  GetUsagePlanCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config.js';
import { AwsClients } from '../aws-clients.js';
import { AwsUnavailableError, isNamed, isNotCarriedOut, orNull } from '../failures.js';
import { Governor } from '../governor.js';
import type { UsagePlan } from '../usage-plans.js';
import { type Changed, type NewUsagePlan, PlanStore, type Tags, type UsagePlanChange } from './plan-store.js';
import { patchesFor, toUsagePlan } from './wire-plan.js';

const ABSENT = ['NotFoundException'];
/** Creating answers 404 for a stage that is not there, changing 400, both with a text that begins so. */
const UNKNOWN_STAGE = /^Invalid API Stage\b/;
const UPDATE_SECONDS = 20;

@Injectable()
export class ApiGatewayPlanStore extends PlanStore {
  private readonly logger = new Logger(ApiGatewayPlanStore.name);

  constructor(
    private readonly clients: AwsClients,
    private readonly governor: Governor,
    private readonly config: Config,
  ) {
    super();
  }

  async find(id: string): Promise<UsagePlan | null> {
    const command = new GetUsagePlanCommand({ usagePlanId: id });
    const asked = this.governor.run('GetUsagePlan', (abortSignal) =>
      this.clients.gateway.send(command, { abortSignal }),
    );
    const plan = await orNull(ABSENT, asked);
    return plan && toUsagePlan(plan);
  }

  async create({
    name,
    description,
    tags,
    quota,
    throttle,
    stages,
  }: NewUsagePlan): Promise<UsagePlan | 'unknown stage'> {
    const command = new CreateUsagePlanCommand({
      name,
      description: description ?? undefined,
      tags: { ...tags },
      quota: quota ? { ...quota, offset: 0 } : undefined,
      throttle: throttle ? { ...throttle } : undefined,
      apiStages: stages.map(({ apiId, stage }) => ({ apiId, stage })),
    });
    try {
      const made = await this.governor.run('CreateUsagePlan', (abortSignal) =>
        this.clients.gateway.send(command, { abortSignal }),
      );
      return { ...toUsagePlan(made), tags };
    } catch (error) {
      if (isUnknownStage(error)) return 'unknown stage';
      throw error;
    }
  }

  async change(id: string, change: UsagePlanChange, announce: () => Tags = () => ({})): Promise<Changed> {
    const before = await this.find(id);
    if (!before) return 'gone';
    const patchOperations = patchesFor(before, change);
    if (patchOperations.length === 0) return (await this.tag(id, announce())) ? 'changed' : 'gone';
    const command = new UpdateUsagePlanCommand({ usagePlanId: id, patchOperations });
    const announced: Tags[] = [];
    let announcing: Promise<unknown> = Promise.resolve();
    let unanswered = 0;
    try {
      const isThere = await this.governor.run('UpdateUsagePlan', async (abortSignal) => {
        await announcing; // of an attempt that was given up: the last one is to stand
        abortSignal.throwIfAborted();
        const tags = announce();
        announced.push(tags);
        // Not behind others once more: this call has its turn already, and ten seconds.
        const tagged = this.governor.shared(() => this.tag(id, tags));
        announcing = tagged.catch(() => undefined);
        if (!(await tagged)) return false;
        abortSignal.throwIfAborted(); // else what is never sent would count as unanswered
        unanswered += 1;
        await this.clients.gateway.send(command, { abortSignal }).catch((error: unknown) => {
          unanswered -= isNotCarriedOut(error) ? 1 : 0;
          throw error;
        });
        return true;
      });
      return isThere ? 'changed' : 'gone';
    } catch (error) {
      if (unanswered === 0) {
        const withdrawn = this.governor.shared(() => announcing.then(() => this.withdraw(before, announced)));
        // Whoever asked waits as long as they may; it goes on without them.
        await this.governor.join('TagResource', withdrawn).catch(() => undefined);
      }
      if (isUnknownStage(error)) return 'unknown stage';
      if (isNamed(error, ABSENT)) return 'gone';
      // A key of the plan is in another one of the stage that comes to it, perhaps on its way from one to the other.
      if (!isNamed(error, ['ConflictException'])) throw error;
      throw new AwsUnavailableError('UpdateUsagePlan', UPDATE_SECONDS, { cause: error });
    }
  }

  async tag(id: string, tags: Tags): Promise<boolean> {
    const resourceArn = this.arnOf(id);
    const wanted = Object.entries(tags).filter((tag): tag is [string, string] => tag[1] !== null);
    const tagKeys = Object.keys(tags).filter((key) => tags[key] === null);
    const tagging = new TagResourceCommand({ resourceArn, tags: Object.fromEntries(wanted) });
    const untagging = new UntagResourceCommand({ resourceArn, tagKeys });
    const { gateway } = this.clients;
    if (wanted.length > 0) {
      const tagged = this.governor.run('TagResource', (abortSignal) => gateway.send(tagging, { abortSignal }));
      if ((await orNull(ABSENT, tagged)) === null) return false;
    }
    if (tagKeys.length === 0) return true;
    const untagged = this.governor.run('UntagResource', (abortSignal) => gateway.send(untagging, { abortSignal }));
    return (await orNull(ABSENT, untagged)) !== null;
  }

  /** AWS deletes no plan that has stages. */
  async delete(id: string): Promise<void> {
    if ((await this.change(id, { stages: [] })) === 'gone') return;
    const command = new DeleteUsagePlanCommand({ usagePlanId: id });
    await orNull(
      ABSENT,
      this.governor.run('DeleteUsagePlan', (abortSignal) => this.clients.gateway.send(command, { abortSignal })),
    );
  }

  /**
   * It was announced and will not be. Where somebody else has changed the quota meanwhile, what is announced is true; and
   * what somebody else has announced is theirs.
   */
  private async withdraw({ id, tags, quota }: UsagePlan, announced: readonly Tags[]): Promise<void> {
    const names = Object.keys(announced.at(-1) ?? {});
    if (names.length === 0) return;
    try {
      const now = await this.find(id);
      if (!now || !isDeepStrictEqual(now.quota, quota)) return;
      const ours = names.filter((name) => announced.some((set) => set[name] === now.tags[name]));
      await this.tag(id, Object.fromEntries(ours.map((name) => [name, tags[name] ?? null])));
    } catch (error) {
      this.logger.warn(`Tags of usage plan ${id} could not be put back as they were`, error);
    }
  }

  private arnOf(id: string): string {
    const { region } = this.config;
    const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
    return `arn:${partition}:apigateway:${region}::/usageplans/${id}`;
  }
}

function isUnknownStage(error: unknown): boolean {
  const isAnswer = isNamed(error, ['NotFoundException', 'BadRequestException']);
  return isAnswer && error instanceof Error && UNKNOWN_STAGE.test(error.message);
}
