import { Injectable, Logger } from '@nestjs/common';
import { AccessDeniedError, AwsUnavailableError, isDenied } from '../../aws/failures.js';
import { AccountInspection, type KeyCount, type Right, type Stage } from '../../aws/inspection/account-inspection.js';
import { KeySecrets, UnusableKmsKeyError } from '../../aws/secrets/key-secrets.js';
import { UserDirectory } from '../../aws/user-directory.js';
import { describeFault } from '../../log.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { DesiredState } from '../../subscriptions/reconcile/desired-state.service.js';
import { type Answer, answered, type Facts, type Signed } from './facts.js';

/** Asks AWS all that the checks judge, and changes nothing. What it is not told is part of the answer. */
@Injectable()
export class Survey {
  private readonly logger = new Logger(Survey.name);

  constructor(
    private readonly inspection: AccountInspection,
    private readonly directory: UserDirectory,
    private readonly desiredState: DesiredState,
    private readonly catalogue: PlanCatalogue,
    private readonly secrets: KeySecrets,
  ) {}

  /** `countKeys` answers what keys there are, null where that is not worth the calls. */
  async facts(
    countKeys: (inspection: AccountInspection) => Promise<KeyCount | null>,
    reading: Promise<Facts['plans']>,
  ): Promise<Facts> {
    const unusableKmsKey = await this.answer('the secret that KMS makes', 'GenerateMac', () => this.unusableKmsKey());
    const [pool, clients, plans, stagesByPlan, signed, keys] = await Promise.all([
      this.answer('the user pool', 'DescribeUserPool', () => this.inspection.userPool()),
      this.answer('the app clients of the user pool', 'ListUserPoolClients', () => this.inspection.appClients()),
      reading,
      this.answer('the API stages of the usage plans', 'GetUsagePlans', () => this.inspection.stagesByPlan()),
      this.answer('the first customers', 'ListUsers', () => this.signed()),
      this.answer('the number of API keys', 'GetApiKeys', () => countKeys(this.inspection)),
    ]);
    const offered = answered(plans)?.offered ?? [];
    const named = offered.flatMap(({ id }) => answered(stagesByPlan)?.get(id) ?? []);
    const [missingStages, missingRights] = await Promise.all([
      this.answer('the API stages', 'GetStage', () => this.missing(named)),
      this.answer('the rights of this process', 'GetApiKey', () => this.missingRights(offered[0]?.id ?? null)),
    ]);
    return { pool, clients, plans, stagesByPlan, missingStages, signed, unusableKmsKey, keys, missingRights };
  }

  /** Not to be asked in the background: people who ask for plans wait for the same reading. */
  plans(): Promise<Facts['plans']> {
    return this.answer('the usage plans and their tags', 'GetUsagePlan', async () => {
      const offered = (await this.catalogue.all()).map(({ id, code }) => ({ id, code }));
      return { offered, rejected: this.catalogue.rejected };
    });
  }

  private async signed(): Promise<Signed> {
    for await (const users of this.directory.pages()) {
      const withPlan = users.map((user) => this.desiredState.of(user)).filter(({ plan }) => plan !== null);
      return { withPlan: withPlan.length, signed: withPlan.filter(({ isPlanSigned }) => isPlanSigned).length };
    }
    return { withPlan: 0, signed: 0 };
  }

  private async unusableKmsKey(): Promise<string | null> {
    try {
      await this.secrets.arrive();
      return null;
    } catch (error) {
      if (error instanceof UnusableKmsKeyError) return error.message;
      throw error;
    }
  }

  private async missing(stages: readonly Stage[]): Promise<Stage[]> {
    const missing: Stage[] = [];
    const distinct = new Map(stages.map((stage) => [`${stage.apiId}:${stage.name}`, stage]));
    for (const stage of distinct.values()) if (!(await this.inspection.hasStage(stage))) missing.push(stage);
    return missing;
  }

  private async missingRights(planId: string | null): Promise<Right[]> {
    const rights = this.inspection.rights(planId);
    const probes = await Promise.allSettled(rights.map((right) => right.probe()));
    return rights.filter((_right, index) => {
      const probe = probes[index];
      if (probe?.status !== 'rejected') return false;
      if (probe.reason instanceof AccessDeniedError) return true;
      throw probe.reason;
    });
  }

  private async answer<T>(what: string, operation: string, ask: () => Promise<T>): Promise<Answer<T>> {
    try {
      return { kind: 'known', value: await ask() };
    } catch (error) {
      if (error instanceof AccessDeniedError) return { kind: 'denied', operation: error.operation };
      if (isDenied(error)) return { kind: 'denied', operation };
      if (error instanceof AwsUnavailableError) return { kind: 'unanswered', what, why: error.message };
      this.logger.error({ what, fault: describeFault(error) });
      return { kind: 'unanswered', what, why: error instanceof Error ? `${error.name}: ${error.message}` : 'a fault' };
    }
  }
}
