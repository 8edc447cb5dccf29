import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateUsagePlanCommand, GetUsagePlanCommand, GetUsagePlansCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Governor } from '../../src/aws/governor.js';
import { Clock } from '../../src/clock.js';
import { Config } from '../../src/config.js';
import { linesOf } from '../../src/plans/as-code/comparison.js';
import { readPlanFile } from '../../src/plans/as-code/plan-file.js';
import { PlansAsCode } from '../../src/plans/as-code/plans-as-code.service.js';
import { PlanCatalogue } from '../../src/plans/plan-catalogue.service.js';
import { PlanWriter } from '../../src/plans/plan-writer.service.js';
import { Process } from '../chaos/process.js';
import { keyOf } from '../support/outcomes.js';
import { environment, World } from '../support/world.js';

const SCRIPT = 'dist/plans-as-code.js';
const EXAMPLE = 'docs/plans.yaml';

describe('plans as code', () => {
  let world: World;
  const directory = mkdtempSync(join(tmpdir(), 'plans-'));
  const example = readFileSync(EXAMPLE, 'utf8');
  beforeAll(() => {
    if (!existsSync(SCRIPT)) throw new Error(`${SCRIPT} is missing: run "npm run build" first ("npm test" does).`);
  });
  beforeEach(async () => {
    world = await World.start();
    screen = '';
  });
  afterEach(() => world.close());
  afterAll(() => rmSync(directory, { recursive: true }));

  let screen = '';

  /** The same without a process of its own. */
  function here() {
    const [catalogue, writer, governor] = [PlanCatalogue, PlanWriter, Governor].map((kind) => world.app.get(kind)) as [
      PlanCatalogue,
      PlanWriter,
      Governor,
    ];
    const plans = new PlansAsCode(catalogue, writer, governor, world.app.get(Clock), world.app.get(Config));
    const shown = { write: (text: string) => (screen += text) };
    return {
      diff: async (text: string) => (await plans.differences(readPlanFile(text))).flatMap(linesOf),
      apply: (text: string, isRetiring = false) => plans.apply(readPlanFile(text), isRetiring, shown),
    };
  }

  function start(args: readonly string[], overrides: Record<string, string> = {}): Process {
    return new Process(process.execPath, [SCRIPT, ...args], environment(world.sandbox.url, overrides));
  }

  async function run(...args: string[]) {
    const child = start(args);
    return { code: await child.exit, out: child.stdout, err: child.stderr };
  }

  let files = 0;
  function file(text: string): string {
    const path = join(directory, `plans-${++files}.yaml`);
    writeFileSync(path, text);
    return path;
  }

  /** All usage plans by name, whole. */
  async function account() {
    const { items = [] } = await world.gateway.send(new GetUsagePlansCommand({ limit: 500 }));
    const plans = items.map(({ id }) => world.gateway.send(new GetUsagePlanCommand({ usagePlanId: id })));
    return Object.fromEntries((await Promise.all(plans)).map(({ $metadata: _, ...plan }) => [plan.name ?? '', plan]));
  }

  const changed = example
    .replace('limit: 100,', 'limit: 200,')
    .replace('price: 49 USD', 'price: 59 USD')
    .replace('burstLimit: 100', 'burstLimit: 300')
    .concat('  team:\n    title: Team\n    quota: null\n    throttle: null\n    stages: [sandboxapi:v1]\n');

  it('finds no difference between the sandbox and the example, nor between the account and what it exports', async () => {
    const [same, exported] = await Promise.all([run('diff', EXAMPLE), run('export')]);
    expect(same).toEqual({ code: 0, out: 'No difference.\n', err: '' });
    expect(exported).toMatchObject({ code: 0, err: '' });
    expect(await here().diff(exported.out)).toEqual([]);
  });

  it('exports plans made by hand as they are, and names what no file may have', async () => {
    const make = (name: string, code: string) =>
      world.gateway.send(new CreateUsagePlanCommand({ name, tags: { 'turnpike:plan': code } }));
    await make('Gold & Silver', 'gold');
    await make('Bare', 'bare');
    const { code, out, err } = await run('export');
    expect([code, out]).toEqual([2, expect.stringMatching(/ {2}gold:\n {4}title: Gold & Silver\n/)]);
    expect(err.trimEnd().split('\n')).toEqual([
      'diff and apply would refuse what plans made by hand have here:',
      expect.stringMatching(/^plans\.bare\.stages must name at least one stage/),
      expect.stringMatching(/^plans\.gold\.title may have letters, digits/),
      expect.stringMatching(/^plans\.gold\.stages must name at least one stage/),
    ]);
  });

  it('shows what differs, and changes nothing', async () => {
    const before = await account();
    const { code, out } = await run('diff', file(changed));
    expect(code).toBe(2);
    expect(out.split('\n')).toEqual([
      '~ free',
      '    quota.limit: 100 -> 200',
      '~ basic',
      '    price: "49 USD / month" -> "59 USD / month"',
      '~ pro',
      '    throttle.burstLimit: 100 -> 300',
      '+ team',
      '    title: "Team"',
      '    selfService: false',
      '    retired: false',
      '    stages: sandboxapi:v1',
      '',
    ]);
    expect(await account()).toEqual(before);
  });

  it('makes the account as the file says, says how far it is, and does nothing the second time', async () => {
    const foreign = new CreateUsagePlanCommand({ name: 'theirs', tags: { 'other:plan': 'free' } });
    await world.gateway.send(foreign);
    const before = await account();
    const first = await run('apply', file(changed));
    expect(first).toMatchObject({ code: 0, out: '4 plans written.\n' });
    expect(first.err).toMatch(
      /^1 of 4: ~ free, .+\n2 of 4: ~ basic, .+\n3 of 4: ~ pro, .+\n4 of 4: \+ team, in a moment\n$/,
    );
    const after = await account();
    expect(after).toMatchObject({
      Free: { id: before.Free?.id, quota: { limit: 200 }, tags: { 'turnpike:plan': 'free' } },
      Basic: { id: before.Basic?.id, tags: { 'turnpike:price': '59 USD / month' } },
      Pro: { id: before.Pro?.id, throttle: { rateLimit: 100, burstLimit: 300 } },
      Team: { apiStages: [{ apiId: 'sandboxapi', stage: 'v1' }], tags: { 'turnpike:plan': 'team' } },
    });
    expect(after.theirs).toEqual(before.theirs);
    expect(await here().apply(changed)).toEqual({ done: 0, left: [], failures: [] });
    expect(await account()).toEqual(after);
  });

  it('reports a plan that the file does not have; it retires it only when told so, and its customers keep it', async () => {
    const ada = await world.customer();
    const key = keyOf(await ada.subscribe('pro'));
    const without = example.slice(0, example.indexOf('  pro:'));
    const reported = await run('apply', file(without));
    expect(reported).toMatchObject({ code: 2, out: expect.stringContaining('- pro: not in the file') });
    expect((await account()).Pro?.tags).not.toHaveProperty('turnpike:retired');
    expect(await here().apply(without, true)).toMatchObject({ done: 1, left: [] });
    expect((await account()).Pro?.tags).toMatchObject({ 'turnpike:plan': 'pro', 'turnpike:retired': 'true' });
    expect(await ada.call(key.value)).toEqual({ 200: 1 });
    expect(await here().diff(without)).toEqual([]);
    expect(await here().apply(example)).toMatchObject({ done: 1 });
    expect((await account()).Pro?.tags).not.toHaveProperty('turnpike:retired');
  });

  it('keeps to AWS’s rate, and a run that was killed is finished by the next one', async () => {
    const factor = 40; // a change each half second instead of each twenty
    world.sandbox.habits.set({ rates: true, rateFactor: factor });
    const path = file(changed.replace('limit: 10000,', 'limit: 20000,'));
    const slow = start(['apply', path], { AWS_RATE_FACTOR: '1' });
    while ((world.sandbox.habits.calls().UpdateUsagePlan?.calls ?? 0) === 0) await delay(50);
    await slow.kill();
    expect(world.sandbox.habits.calls().UpdateUsagePlan?.calls).toBe(1);
    expect((await here().diff(readFileSync(path, 'utf8'))).length).toBeGreaterThan(4);
    await delay(1000); // what the killed one used of the rate comes back
    const rest = start(['apply', path], { AWS_RATE_FACTOR: String(factor) });
    expect(await rest.exit).toBe(0);
    expect(world.sandbox.habits.calls().UpdateUsagePlan).toMatchObject({ refused: {} });
    expect(await here().diff(readFileSync(path, 'utf8'))).toEqual([]);
  });

  it('goes on after a plan that AWS refuses, and says which one it was', async () => {
    const applied = await here().apply(changed.replace('[sandboxapi:v1]', '[sandboxapi:v9]'));
    expect(applied).toMatchObject({
      done: 3,
      failures: [expect.stringMatching(/^~ free: API Gateway has no such stage/)],
    });
    expect(await account()).toMatchObject({ Free: { quota: { limit: 100 } }, Pro: { throttle: { burstLimit: 300 } } });
  });

  it('names a code that several plans bear, and leaves all of them alone', async () => {
    const { id: _, ...free } = (await account()).Free ?? {};
    await world.gateway.send(new CreateUsagePlanCommand({ ...free, name: 'Twin', description: 'another' } as never));
    const before = await account();
    expect(await here().diff(example)).toEqual([expect.stringMatching(/^! free: several usage plans bear this code/)]);
    expect(await here().apply(example)).toMatchObject({ done: 0 });
    expect(Object.keys(await account()).sort()).toEqual(Object.keys(before).sort());
  });

  it('is told wrong: it says how, and does nothing', async () => {
    const before = await account();
    const runs = await Promise.all([
      run(),
      run('diff', EXAMPLE, '--retire-missing'),
      run('diff', '/no/such'),
      run('apply', file(example.replace('limit: 100,', 'limit: 0,'))),
    ]);
    const complaints = [
      /the commands are: diff/,
      /the commands are: diff/,
      /cannot be read/,
      /plans\.free\.quota\.limit must/,
    ];
    runs.forEach(({ code, out, err }, index) => {
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(complaints[index] ?? /^$/);
      expect(err).not.toMatch(/^\s+at |node_modules/m);
    });
    expect(await account()).toEqual(before);
  });
});
