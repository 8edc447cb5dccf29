import { Injectable } from '@nestjs/common';
import { UsagePlans } from '../../aws/usage-plans.js';
import { Clock } from '../../clock.js';
import { KeyRotated } from '../../keys/keys.results.js';
import { KeysService } from '../../keys/keys.service.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { issuedKeyOf } from '../../subscriptions/customer.js';
import {
  type ProbeRow,
  type ProbeSetting,
  withBoth,
  withKeyAlone,
  withNewKey,
  withNothingLeft,
  withoutBoth,
  withReplacedKey,
  withTokenAlone,
} from './expectations.js';
import { ask, type GatewayAnswer, isLetIn, stageOf } from './gateway-answer.js';
import { type ThrowAway, ThrowAwayCustomer } from './throw-away-customer.service.js';

const PAUSE_MILLISECONDS = 5000;

/** What to try, and how. */
export interface ProbeOrder extends ProbeSetting {
  /** A GET of the deployed API, stage included. */
  readonly url: string;
  readonly client: string | null;
  /** Told to stop: what was made is removed, and nothing more is asked. */
  readonly stop: AbortSignal;
}

/** Tries the deployed API with a customer who is made for it: whether the gateway keeps its side of the bargain. */
@Injectable()
export class Probe {
  constructor(
    private readonly throwAways: ThrowAwayCustomer,
    private readonly keys: KeysService,
    private readonly catalogue: PlanCatalogue,
    private readonly usagePlans: UsagePlans,
    private readonly clock: Clock,
  ) {}

  /** The rows so far; the customer is gone when it ends, however it ends. */
  async run(order: ProbeOrder): Promise<readonly ProbeRow[]> {
    await this.throwAways.removeAll(); // what one that was killed has left
    const rows: ProbeRow[] = [];
    try {
      for await (const row of this.rows(order)) {
        rows.push(row);
        if (order.stop.aborted) break;
      }
    } finally {
      await this.throwAways.removeAll();
    }
    return rows;
  }

  private async *rows(order: ProbeOrder): AsyncGenerator<ProbeRow> {
    const wrongStage = await this.wrongStage(order);
    yield withoutBoth(await ask(order.url, {}), order);
    const visitor = await this.throwAways.arrive(order.plan, order.client);
    const { token, key } = this.headersOf(order, visitor);
    yield withTokenAlone(await ask(order.url, token), order);
    yield withKeyAlone(await ask(order.url, key), order);
    if (wrongStage) return yield wrongStage; // to wait for the key would be in vain
    const both = withBoth(await this.until(order, isLetIn, { ...token, ...key }), order);
    yield both;
    if (both.mend !== null) return;
    yield* this.replaced(order, visitor, { ...token, ...key });
  }

  private async *replaced(
    order: ProbeOrder,
    { caller, customer, tokens: _ }: ThrowAway,
    headers: Readonly<Record<string, string>>,
  ): AsyncGenerator<ProbeRow> {
    const rotated = await this.keys.rotate(caller, issuedKeyOf(customer)?.id ?? '', 0);
    if (!(rotated instanceof KeyRotated) || rotated.key === null) throw new Error('The key could not be replaced');
    const { id, value } = rotated.key;
    const renewed = { ...headers, 'x-api-key': value };
    yield withNewKey(await this.until(order, isLetIn, renewed), order);
    yield withReplacedKey(await this.until(order, ({ status }) => status === 403, headers), order);
    const plan = await this.catalogue.find(order.plan);
    if (!plan?.quota || !(await this.usagePlans.setRemaining(plan.id, id, 0))) return;
    yield withNothingLeft(await this.until(order, ({ status }) => status === 429, renewed), order);
  }

  private headersOf({ token, header }: ProbeOrder, { tokens, customer }: ThrowAway) {
    return {
      token: { [header]: tokens[token].reveal() },
      key: { 'x-api-key': issuedKeyOf(customer)?.value ?? '' },
    };
  }

  /** AWS takes some minutes until a change is known everywhere. */
  private async until(
    { url, patienceSeconds, stop }: ProbeOrder,
    isThere: (answer: GatewayAnswer) => boolean,
    headers: Readonly<Record<string, string>>,
  ): Promise<GatewayAnswer> {
    for (let waited = 0; ; waited += PAUSE_MILLISECONDS) {
      const answer = await ask(url, headers);
      if (isThere(answer) || waited >= patienceSeconds * 1000 || stop.aborted) return answer;
      await this.clock.sleep(PAUSE_MILLISECONDS);
    }
  }

  /** Where the URL says which stage it is of, whether the plan is for that one is known beforehand. */
  private async wrongStage({ url, plan: code }: ProbeOrder): Promise<ProbeRow | null> {
    const plan = await this.catalogue.find(code);
    if (!plan) throw new Error(`There is no plan ${code}: name one with --plan`);
    const asked = stageOf(url);
    const stages = (await this.usagePlans.list()).find(({ id }) => id === plan.id)?.stages ?? [];
    const isThere = stages.some(({ apiId, stage }) => apiId === asked?.apiId && stage === asked.stage);
    if (asked === null || isThere) return null;
    const names = stages.map(({ apiId, stage }) => `${apiId}:${stage}`);
    const wanted = `${asked.apiId}:${asked.stage}`;
    const seen = names.join(', ') || 'none';
    const mend = `Keys of the plan ${code} open nothing on ${wanted}. Add that stage to the plan, or give a URL of a stage that is in it.`;
    return { what: `the stages of the plan ${code}`, expected: wanted, seen, mend };
  }
}
