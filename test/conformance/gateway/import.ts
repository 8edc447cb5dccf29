import { expect } from '@jest/globals';
import { type Row, refusal, type World } from '../gateway-rows.js';

const DOC = 'DOC api-key-file-format';

/** Imports a file whose `<value>` is a fresh value and `<plan>` a fresh plan, and tells of the key of that value. */
async function imported(world: World, file: string, failOnWarnings = false) {
  const [value, plan] = [world.value(), await world.plan()];
  const body = Buffer.from(file.replaceAll('<value>', value).replaceAll('<plan>', plan.id));
  const { ids = [], warnings = [] } = await world.sdk.importApiKeys({ body, format: 'csv', failOnWarnings });
  const keys = await Promise.all(ids.map((apiKey) => world.sdk.getApiKey({ apiKey, includeValue: true })));
  const { items = [] } = await world.sdk.getUsagePlanKeys({ usagePlanId: plan.id });
  const attached = items.map(({ id }) => id);
  return { ids, warnings, keys: keys.map((key) => ({ ...key, isValue: key.value === value })), attached, value };
}

/** A row about the one key a file brings. */
function keyRow(id: string, what: string, file: string, expected: object, source = DOC): Row {
  const run = async (world: World) => (await imported(world, file)).keys[0];
  return { id, call: 'ImportApiKeys', what, run, expected: expect.objectContaining(expected), basis: 'docs', source };
}

export const IMPORTS: readonly Row[] = [
  keyRow('I1', 'a row makes a key, enabled unless it says otherwise', 'Name,Key\none,<value>', {
    name: 'one',
    enabled: true,
    isValue: true,
  }),
  keyRow('I2', 'columns may come in any order and case', 'kEY,name\n<value>,two', { name: 'two', isValue: true }),
  keyRow('I3', 'description and state are taken', 'Name,key,description,Enabled\nthree,<value>,An imported key,FALSE', {
    description: 'An imported key',
    enabled: false,
  }),
  keyRow('I4', 'an empty state is enabled', 'name,key,enabled\nfour,<value>,', { enabled: true }),
  keyRow('I5', 'columns it does not know are ignored', 'name,colour,key\nfive,red,<value>', {
    name: 'five',
    isValue: true,
  }),
  keyRow('I6', 'fields may stand in quotes', 'name,key,description\n"six, the",<value>,"says ""hi"""', {
    name: 'six, the',
    description: 'says "hi"',
  }),
  keyRow('I7', 'lines may end as on Windows', 'name,key\r\nseven,<value>\r\n', { name: 'seven', isValue: true }),
  {
    id: 'I8',
    call: 'ImportApiKeys',
    what: 'a key joins the plan its row names',
    run: async (world) => {
      const { ids, attached } = await imported(world, 'name,key,UsagePlanIds\neight,<value>,<plan>');
      return attached.length === 1 && attached[0] === ids[0];
    },
    expected: true,
    basis: 'docs',
    source: DOC,
  },
  {
    id: 'I9',
    call: 'ImportApiKeys',
    what: 'several plans stand in single or double quotes; those of one stage exclude each other',
    run: async (world) => {
      const elsewhere = await world.plan({ apiStages: [] });
      const file = `name,key,UsagePlanIds\nnine,<value>,'<plan>,${elsewhere.id}'`;
      const { keys, attached } = await imported(world, file);
      const { items = [] } = await world.sdk.getUsagePlans({ keyId: keys[0]?.id });
      return [attached.length, items.length];
    },
    expected: [1, 2],
    basis: 'docs',
    source: DOC,
  },
  {
    id: 'I10',
    call: 'ImportApiKeys',
    what: 'a value that exists overwrites its key, which keeps its id and its plans',
    run: async (world) => {
      const { keyId, value, planId } = await world.subscriber();
      const body = Buffer.from(`name,key,description,enabled\nover,${value},new,false`);
      const { ids } = await world.sdk.importApiKeys({ body, format: 'csv' });
      const { name, description, enabled } = await world.sdk.getApiKey({ apiKey: keyId });
      const { items = [] } = await world.sdk.getUsagePlanKeys({ usagePlanId: planId });
      return [ids?.[0] === keyId, name, description, enabled, items.length];
    },
    expected: [true, 'over', 'new', false, 1],
    basis: 'docs',
    source: `${DOC}: the most recent version overwrites; that id and plans stay is inferred`,
  },
  {
    id: 'I11',
    call: 'ImportApiKeys',
    what: 'the same file twice makes each key once',
    run: async (world) => {
      const body = Buffer.from(`name,key\ntwice,${world.value()}`);
      const first = await world.sdk.importApiKeys({ body, format: 'csv' });
      const second = await world.sdk.importApiKeys({ body, format: 'csv' });
      return [first.ids?.length, first.ids?.[0] === second.ids?.[0]];
    },
    expected: [1, true],
    basis: 'docs',
    source: DOC,
  },
  {
    id: 'I12',
    call: 'ImportApiKeys',
    what: 'a row that cannot be a key is a warning, the others are imported',
    run: async (world) => {
      const { ids, warnings } = await imported(world, 'name,key\nshort,abc\ngood,<value>\n,<value>');
      return [ids.length, warnings.length];
    },
    expected: [1, 2],
    basis: 'docs',
    source: 'DOC API_ImportApiKeys: warnings; their words are not known',
  },
  {
    id: 'I13',
    call: 'ImportApiKeys',
    what: 'a plan that does not exist is a warning, the key is made all the same',
    run: async (world) => {
      const { ids, warnings } = await imported(world, 'name,key,usageplanids\nthirteen,<value>,nosuch');
      return [ids.length, warnings.length];
    },
    expected: [1, 1],
    basis: 'inference',
    source: 'DOC API_ImportApiKeys does not list what is a warning',
  },
  {
    id: 'I14',
    call: 'ImportApiKeys',
    what: 'with failOnWarnings a warning fails the import and nothing is imported',
    run: async (world) => {
      const value = world.value();
      const body = Buffer.from(`name,key,usageplanids\ngood,${value},\nbad,${world.value()},nosuch`);
      const refused = await refusal(world.sdk.importApiKeys({ body, format: 'csv', failOnWarnings: true }));
      return [refused.slice(0, 23), await refusal(world.key({ value }))];
    },
    expected: ['400 BadRequestException', 'accepted'],
    basis: 'docs',
    source: 'DOC API_ImportApiKeys: failOnWarnings rolls back',
  },
  {
    id: 'I15',
    call: 'ImportApiKeys',
    what: 'a file without the columns Name and Key is refused',
    run: async (world) => (await refusal(imported(world, 'name,value\nx,<value>'))).slice(0, 23),
    expected: '400 BadRequestException',
    basis: 'docs',
    source: `${DOC}: both columns must be there`,
  },
  {
    id: 'I16',
    call: 'ImportApiKeys',
    what: 'only csv is a format',
    run: async (world) => {
      const reply = await world.wire('POST', '/apikeys?mode=import&format=json', 'name,key');
      return [reply.status, reply.type];
    },
    expected: [400, 'ValidationException'],
    basis: 'inference',
    source: 'DOC API_ImportApiKeys: currently only csv; the wording is that of other enumerations',
  },
  {
    id: 'I17',
    call: 'ImportApiKeys',
    what: 'it answers 201 with ids and warnings',
    run: async (world) => {
      const { status, body } = await world.wire(
        'POST',
        '/apikeys?mode=import&format=csv',
        `name,key\na,${world.value()}`,
      );
      const { ids, warnings } = JSON.parse(body) as { ids: string[]; warnings: string[] };
      return [status, ids.length, warnings];
    },
    expected: [201, 1, []],
    basis: 'docs',
    source: 'DOC API_ImportApiKeys',
  },
  {
    id: 'I18',
    call: 'GET a deployed API',
    what: 'an imported key opens the stages of its plan',
    run: async (world) => {
      const { value } = await imported(world, 'name,key,usageplanids\neighteen,<value>,<plan>');
      return world.statuses(1, world.open, { 'x-api-key': value });
    },
    expected: [200],
    basis: 'docs',
    source: DOC,
    needs: ['gate'],
  },
  {
    id: 'I19',
    call: 'CreateApiKey',
    what: 'generateDistinctId and stageKeys are accepted and change nothing but stageKeys',
    run: async (world) => {
      const stageKeys = [{ restApiId: world.sold.apiId, stageName: 'v1' }];
      const key = await world.key({ generateDistinctId: true, stageKeys });
      return [key.stageKeys, (await world.call(world.open, { 'x-api-key': key.value })).status];
    },
    expected: [['{api}/v1'], 403],
    basis: 'docs',
    source: 'DOC API_CreateApiKey: stageKeys is deprecated in favor of usage plans',
    needs: ['gate'],
  },
];
