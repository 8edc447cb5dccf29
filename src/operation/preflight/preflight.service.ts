import { Injectable } from '@nestjs/common';
import { Governor } from '../../aws/governor.js';
import type { AccountInspection, KeyCount } from '../../aws/inspection/account-inspection.js';
import { Config } from '../../config.js';
import { Metrics } from '../../metrics.js';
import { ATTRIBUTE_NAMES } from '../../subscriptions/pool/attributes.js';
import { allFindings, unansweredOf } from './checks/all-checks.js';
import type { Expected } from './facts.js';
import { Verdict } from './finding.js';
import { Survey } from './survey.service.js';

/** Looks whether the account is set up so that Turnpike can be relied on: asks once, then judges. */
@Injectable()
export class Preflight {
  constructor(
    private readonly survey: Survey,
    private readonly governor: Governor,
    private readonly metrics: Metrics,
    private readonly config: Config,
  ) {}

  /** Yields to all that people wait for, and takes the time it needs. */
  async look(countKeys: (inspection: AccountInspection) => Promise<KeyCount | null>): Promise<Verdict> {
    const plans = this.survey.plans();
    const facts = await this.governor.background(() => this.survey.facts(countKeys, plans));
    const verdict = new Verdict(allFindings(facts, this.expected()), unansweredOf(facts), this.config.allowUnsafe);
    this.count(verdict);
    return verdict;
  }

  private expected(): Expected {
    const { region, userPoolId, clientIds, hostedUi, keyPrefix, keySecrets, defaultPlan } = this.config;
    const fewestCharacters = Math.min(...keySecrets.map((secret) => new Set(secret).size));
    const known = { region, userPoolId, clientIds, hostedUi, keyPrefix, defaultPlan };
    return { ...known, attributeNames: ATTRIBUTE_NAMES, fewestCharacters };
  }

  private count({ unsafe, tolerated, warnings }: Verdict): void {
    const { preflightFindings } = this.metrics;
    preflightFindings.reset();
    for (const { name } of unsafe) preflightFindings.inc({ name, severity: 'unsafe' });
    for (const { name } of tolerated) preflightFindings.inc({ name, severity: 'allowed' });
    for (const { name } of warnings) preflightFindings.inc({ name, severity: 'warning' });
  }
}
