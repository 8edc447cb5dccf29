import { Injectable } from '@nestjs/common';
import { MOST_SEARCHED, UserDirectory } from '../../aws/user-directory.js';
import { type Page, type PageArgs, pageOf } from '../../paging.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { BadUserInputError, TryAgainError } from '../../problem.js';
import { type Customer, subscriptionOf } from '../customer.js';
import { Customers } from '../customers/customers.service.js';
import type { SubscriptionState } from '../subscription.model.js';
import { Sweeper } from '../sweep/sweeper.service.js';
import { FleetIndex } from './fleet-index.js';
import { FleetUsage } from './fleet-usage.service.js';

const MAX_SEARCH_CHARACTERS = 100;
const UNREADABLE = /[\p{Cc}\p{Cs}]/u;

/** Null = whatever it is. */
export interface CustomerFilter {
  /** The beginning of an e-mail address or a user name, or a whole `sub`. */
  readonly search: string | null;
  readonly plan: string | null;
  readonly state: SubscriptionState | null;
}

export interface CustomerPage extends Page<Customer> {
  readonly asOf: Date;
  readonly isComplete: boolean;
}

/** Finds customers for those who run the API, from the index: no call per user. */
@Injectable()
export class CustomerSearch {
  constructor(
    private readonly customers: Customers,
    private readonly index: FleetIndex,
    private readonly usage: FleetUsage,
    private readonly sweeper: Sweeper,
    private readonly directory: UserDirectory,
    private readonly catalogue: PlanCatalogue,
  ) {}

  /** One customer, as fresh as for themself. Null = there is no such user. */
  find(userId: string): Promise<Customer | null> {
    return this.customers.findById(userId);
  }

  /**
   * The newest users first.
   * @throws TryAgainError while the first reading of all takes longer than a request may last.
   */
  async list(filter: CustomerFilter, page: PageArgs): Promise<CustomerPage> {
    const search = wellFormed(filter.search ?? '') || null;
    const { asOf } = await this.sweeper.latest();
    const beyond = await this.beyondTheIndex(search);
    const all = [...this.index.all(), ...beyond.customers];
    if (filter.plan !== null) await this.expectPlan(filter.plan, all);
    const found = all.filter((customer) => isMatch(customer, { ...filter, search }));
    await this.usage.forMany().catch(unlessUnderWay);
    const { isComplete } = beyond;
    const list = JSON.stringify(['users', search, filter.plan, filter.state]);
    return { ...pageOf(list, found, newestFirst, page), asOf, isComplete };
  }

  /**
   * Who is on a plan, suspended ones too: their ids, in order.
   * @throws TryAgainError while the reading of all takes longer than a request may last.
   */
  async onPlan(code: string): Promise<string[]> {
    await this.sweeper.recent();
    const found = this.index.all().filter((customer) => planCodeOf(customer) === code);
    return found.map(({ desired }) => desired.sub).sort();
  }

  /** Of a pool too big for the index, Cognito's own search finds the rest. */
  private async beyondTheIndex(
    search: string | null,
  ): Promise<{ customers: readonly Customer[]; isComplete: boolean }> {
    if (this.index.latest?.isComplete) return { customers: [], isComplete: true };
    if (search === null) return { customers: [], isComplete: false };
    const searched = await this.directory.search(search);
    const unknown = searched.filter(({ sub }) => this.index.find(sub) === null);
    const found = await Promise.all(unknown.map((who) => this.customers.find(who)));
    const customers = found.filter((customer) => customer !== null);
    return { customers, isComplete: searched.length < MOST_SEARCHED };
  }

  private async expectPlan(code: string, all: readonly Customer[]): Promise<void> {
    if ((await this.catalogue.find(code)) || all.some((customer) => planCodeOf(customer) === code)) return;
    throw new BadUserInputError('There is no such plan, and nobody is on it. Ask `plans` for those there are.');
  }
}

/** Without usage of all, each row asks for itself; while it is being read, that would be many calls for nothing. */
function unlessUnderWay(error: unknown): void {
  if (error instanceof TryAgainError) throw error;
}

function wellFormed(search: string): string {
  const text = search.trim();
  if (text.length > MAX_SEARCH_CHARACTERS || UNREADABLE.test(text)) {
    throw new BadUserInputError(`search must be at most ${MAX_SEARCH_CHARACTERS} characters, all of them printable.`);
  }
  return text;
}

function isMatch(customer: Customer, { search, plan, state }: CustomerFilter): boolean {
  return (
    (plan === null || planCodeOf(customer) === plan) &&
    (state === null || customer.state === state) &&
    (search === null || isFound(customer, search))
  );
}

/** As the filters of Cognito's ListUsers match: e-mail addresses in any case, user names exactly. */
function isFound({ desired: { sub, user } }: Customer, text: string): boolean {
  const email = user.attributes.email?.toLowerCase() ?? '';
  return sub === text || user.username.startsWith(text) || email.startsWith(text.toLowerCase());
}

function planCodeOf(customer: Customer): string | null {
  return subscriptionOf(customer)?.planCode ?? null;
}

function newestFirst({ desired: { sub, user } }: Customer): readonly [number, string] {
  return [-user.createdAt.getTime(), sub];
}
