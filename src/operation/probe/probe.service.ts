import { Injectable } from '@nestjs/common';
import { UsagePlans } from '../../aws/usage-plans.js';
import { Clock } from '../../clock.js';
import { KeyRotated } from '../../keys/keys.results.js';
import { KeysService } from '../../keys/keys.service.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
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
  withTokenThatIsEnough,
} from './expectations.js';
import { ask, type GatewayAnswer, isLetIn, stageOf } from './gateway-answer.js';
import { Made } from './made.js';
import { type Leftover, Removal } from './removal.service.js';
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

export interface ProbeReport {
  readonly rows: readonly ProbeRow[];
  /** Why it could not go on; null = it came to its end. */
  readonly failure: unknown;
  /** What could not be removed, of this probe and of older ones. */
  readonly left: readonly Leftover[];
}

type Headers = Readonly<Record<string, string>>;

/** Tries the deployed API with a customer who is made for it: whether the gateway keeps its side of the bargain. */
@Injectable()
export class Probe {
  constructor(
    private readonly throwAways: ThrowAwayCustomer,
    private readonly removal: Removal,
    private readonly keys: KeysService,
    private readonly catalogue: PlanCatalogue,
    private readonly usagePlans: UsagePlans,
    private readonly clock: Clock,
  ) {}

  /** The rows so far; the customer is gone when it ends, however it ends, or the report says what is left. */
  async run(order: ProbeOrder): Promise<ProbeReport> {
    const old = await this.removal.removeOld();
    const rows: ProbeRow[] = [];
    const made = new Made();
    let failure: unknown = null;
    try {
      for await (const row of this.rows(order, made)) {
        rows.push(row);
        if (order.stop.aborted) break;
      }
    } catch (error) {
      failure = error;
    }
    return { rows, failure, left: [...old, ...(await this.removal.remove(made))] };
  }

  private async *rows(order: ProbeOrder, made: Made): AsyncGenerator<ProbeRow> {
    const wrongStage = await this.wrongStage(order);
    yield withoutBoth(await ask(order.url, {}), order);
    const visitor = await this.throwAways.arrive(made, order.plan, order.client);
    const token = await this.tokenOf(order, visitor);
    const key = { 'x-api-key': visitor.key.value };
    const isByToken = order.callWith === 'token';
    if (!isByToken) yield withTokenAlone(await ask(order.url, token), order);
    yield withKeyAlone(await ask(order.url, key), order);
    if (wrongStage) return yield wrongStage; // to wait for the key would be in vain
    const headers = isByToken ? token : { ...token, ...key };
    const answer = await this.until(order, isLetIn, headers);
    const row = isByToken ? withTokenThatIsEnough(answer, order) : withBoth(answer, order);
    yield row;
    if (row.mend === null) yield* this.replaced(order, made, visitor, headers);
  }

  private async *replaced(order: ProbeOrder, made: Made, visitor: ThrowAway, old: Headers): AsyncGenerator<ProbeRow> {
    const rotated = await this.keys.rotate(visitor.caller, visitor.key.id, 0);
    if (!(rotated instanceof KeyRotated) || rotated.key === null) throw new Error('The key could not be replaced');
    const { id, value } = rotated.key;
    made.keyIds.add(id);
    const isByToken = order.callWith === 'token';
    const renewed = isByToken ? await this.tokenOf(order, visitor) : { ...old, 'x-api-key': value };
    yield withNewKey(await this.until(order, isLetIn, renewed), order);
    yield withReplacedKey(await this.until(order, ({ status }) => status === 403, old), order);
    const plan = await this.catalogue.find(order.plan);
    if (!plan?.quota || !(await this.usagePlans.setRemaining(plan.id, id, 0))) return;
    yield withNothingLeft(await this.until(order, ({ status }) => status === 429, renewed), order);
  }

  private async tokenOf({ token, header }: ProbeOrder, visitor: ThrowAway): Promise<Headers> {
    return { [header]: (await visitor.signIn())[token].reveal() };
  }

  /** AWS takes some minutes until a change is known everywhere. */
  private async until(
    { url, patienceSeconds, stop }: ProbeOrder,
    isThere: (answer: GatewayAnswer) => boolean,
    headers: Headers,
  ): Promise<GatewayAnswer> {
    const began = this.clock.seconds();
    for (let paused = 0; ; paused += PAUSE_MILLISECONDS) {
      const answer = await ask(url, headers);
      const waited = Math.max(paused / 1000, this.clock.seconds() - began); // answers may be slow as well
      if (isThere(answer) || waited >= patienceSeconds || stop.aborted) return answer;
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
