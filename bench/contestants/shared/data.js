import { readFileSync } from 'node:fs';

/*
 * What the contestants answer from: the answers that Turnpike gave at the start of the run, as records in memory. Moments
 * are dates and each field is read by itself, as with records that come from a database.
 */

const { customers, plans } = JSON.parse(readFileSync(process.env.BENCH_DATA, 'utf8'), (name, value) =>
  /(At|asOf)$/.test(name) && typeof value === 'string' ? new Date(value) : value,
);
const bySub = new Map(customers.map((customer) => [customer.id, customer]));

/** Who that is, by the `sub` of a token; undefined = nobody. */
export const customer = (sub) => bySub.get(sub);

/** All plans, in order. */
export const allPlans = () => plans;
