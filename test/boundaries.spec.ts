import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** A room may import those before it in this line, itself, and leaves. */
const LINE = ['aws', 'auth', 'audit', 'plans', 'subscriptions', 'keys', 'usage', 'admin', 'operation'];
const LEAVES = [
  'config',
  'setting-forms',
  'portal-settings',
  'problem',
  'scalars',
  'from-sources.decorator',
  'clock',
  'log',
  'metrics',
  'redis',
  'secret',
  'redaction',
  'request-trace',
  'tracing',
  'paging',
  'cache-options',
  'within',
];
const ENTRANCES = [
  'main',
  'lambda',
  'sweep',
  'rekey',
  'adopt',
  'plans-as-code',
  'doctor',
  'audit-command',
  'app',
  'app.module',
  'graphql',
];
const SANDBOX_ENTRANCES = ['sandbox/main.ts', 'sandbox/server.ts', 'sandbox/tour.ts'];
const MAX_LINES = 250;

interface Source {
  /** From src/, with slashes: `keys/keys.service.ts`. */
  readonly path: string;
  readonly text: string;
}

/** What the sources do against the plan of the rooms (design, section 6), one sentence each. */
function breaches(sources: readonly Source[]): string[] {
  return [...sources.flatMap((source) => [...importBreaches(source), ...textBreaches(source)]), ...twice(sources)];
}

function importBreaches({ path, text }: Source): string[] {
  const room = placeOf(path);
  return importsOf(text).flatMap((specifier) => {
    const reason = specifier.startsWith('.')
      ? reasonAgainst(room, placeOf(join(dirname(path), specifier)))
      : reasonAgainstPackage(room, specifier);
    return reason ? [`${path} imports ${specifier}: ${reason}`] : [];
  });
}

function reasonAgainst(from: string, to: string): string | null {
  if (!isKnown(to)) return 'this is neither a room, a leaf nor an entrance';
  if (from === 'sandbox' || to === 'sandbox') return from === to ? null : 'the sandbox and the product stand apart';
  if (ENTRANCES.includes(from)) return null;
  if (LEAVES.includes(from)) return LEAVES.includes(to) ? null : 'leaves import no room';
  if (ENTRANCES.includes(to)) return 'no room imports an entrance';
  return LEAVES.includes(to) || LINE.indexOf(to) <= LINE.indexOf(from) ? null : 'rooms look left only';
}

function reasonAgainstPackage(from: string, specifier: string): string | null {
  if (/^@(aws-sdk|smithy)\//.test(specifier) && !['aws', 'sandbox'].includes(from)) return 'AWS is asked in aws/ only';
  if (specifier.startsWith('aws-jwt-verify') && from !== 'auth') return 'tokens are verified in auth/ only';
  return null;
}

function textBreaches({ path, text }: Source): string[] {
  const place = placeOf(path);
  const code = withoutComments(text);
  const rules: [unless: boolean, pattern: RegExp, what: string][] = [
    [
      place === 'config' || SANDBOX_ENTRANCES.includes(path),
      /\bprocess\s*\.\s*env\b|\benv\b[^'"\n]*\bfrom 'node:process'/,
      'reads process.env',
    ],
    [
      place === 'clock' || place === 'sandbox',
      /\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\s*[(<])|\bperformance\.now\b/,
      'reads the time',
    ],
    [place === 'clock' || place === 'sandbox', /\bMath\.random\b/, 'rolls dice'],
    [place === 'config', /@Global\s*\(|\bglobal: true\b/, 'is global'],
    [false, /\bforwardRef\b/, 'uses forwardRef'],
    [
      place === 'sandbox',
      /\bimport\s+(?!type\b)[^'"`;()]*?\bfrom\s*['"](@redis\/client|@aws-sdk\/client-kms)['"]/,
      'loads at every start what most do without',
    ],
    [false, /\bexport\s+\*/, 'hands on what others export'],
    [false, /\bTODO\b|\bFIXME\b/, 'holds a to-do'],
  ];
  const found = rules
    .filter(([unless, pattern]) => !unless && pattern.test(code))
    .map(([, , what]) => `${path} ${what}`);
  const entries = code.match(/@(Resolver|Controller)\(/g)?.length ?? 0;
  const guarded = code.match(/@AdminOnly\(\)\s*@(Resolver|Controller)\(/g)?.length ?? 0;
  if (place === 'admin' && guarded < entries) found.push(`${path} lets others than admins in`);
  if (!['admin', 'auth'].includes(place) && /@AdminOnly\b/.test(code))
    found.push(`${path} is for admins and not in admin/`);
  const lines = text.trimEnd().split('\n').length;
  if (lines > MAX_LINES) found.push(`${path} has ${lines} lines, more than ${MAX_LINES}`);
  if (/(^|\/)index\.ts$/.test(path)) found.push(`${path} is a barrel`);
  if (!isKnown(place)) found.push(`${path} is neither a room, a leaf nor an entrance`);
  return found;
}

/** A `custom:` attribute has one owner among the product's files. */
function twice(sources: readonly Source[]): string[] {
  const owners = new Map<string, Set<string>>();
  for (const { path, text } of sources) {
    if (placeOf(path) === 'sandbox') continue;
    for (const [name] of withoutComments(text).matchAll(/\bcustom:\w+/g)) {
      owners.set(name, (owners.get(name) ?? new Set()).add(path));
    }
  }
  return [...owners]
    .filter(([, paths]) => paths.size > 1)
    .map(([name, paths]) => `${name} is named in ${[...paths].join(' and ')}`);
}

/** Static, type-only, re-exporting, side-effect and dynamic imports, and `import('…')` in types. */
function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const statements = code.matchAll(/\b(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]/g);
  const bare = code.matchAll(/\bimport\s*['"]([^'"]+)['"]/g);
  const dynamic = code.matchAll(/\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g);
  return [...statements, ...bare, ...dynamic].map(([, specifier = '']) => specifier);
}

/** Comments go, texts stay: `//` within quotes is no comment. */
function withoutComments(text: string): string {
  return text.replace(/('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1');
}

/** The room of a path; for a file at the top, its name without the ending. */
function placeOf(path: string): string {
  const [first = '', ...rest] = path.split('/');
  return rest.length > 0 ? first : first.replace(/\.(ts|js)$/, '');
}

function isKnown(place: string): boolean {
  return place === 'sandbox' || [...LINE, ...LEAVES, ...ENTRANCES].includes(place);
}

function productSources(): Source[] {
  return readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.spec\.ts$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => ({ path: relative(SRC, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }));
}

describe('the rooms of src/', () => {
  it('stand in a line and look left only; what is dangerous has one place', () => {
    const sources = productSources();
    expect(sources.length).toBeGreaterThan(50);
    expect(breaches(sources)).toEqual([]);
  });

  it('hold at most twelve files each', () => {
    const folders = new Map<string, number>();
    for (const { path } of productSources()) folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + 1);
    folders.delete('.');
    expect([...folders].filter(([folder, files]) => files > (folder.startsWith('sandbox') ? 16 : 12))).toEqual([]);
  });
});

describe('the checker', () => {
  const refused = (path: string, text: string) => breaches([{ path, text }]);

  it.each([
    ['a look to the right', 'plans/a.ts', "import { X } from '../keys/x.js';", 'rooms look left only'],
    ['a look to the right for a type', 'aws/a.ts', "import type { X } from '../auth/x.js';", 'rooms look left only'],
    ['one on several lines', 'aws/a.ts', "import {\n  X,\n  Y,\n} from '../auth/x.js';", 'rooms look left only'],
    ['one by import()', 'keys/a.ts', "const x = await import('../admin/x.js');", 'rooms look left only'],
    ['one within a type', 'keys/a.ts', "type X = import('../admin/x.js').X;", 'rooms look left only'],
    ['one handed on', 'keys/a.ts', "export { X } from '../admin/x.js';", 'rooms look left only'],
    ['one from a folder deeper down', 'plans/a/b.ts', "import '../../keys/x.js';", 'rooms look left only'],
    ['a room in a leaf', 'clock.ts', "import { X } from './aws/x.js';", 'leaves import no room'],
    ['an entrance in a leaf', 'log.ts', "import { X } from './app.js';", 'leaves import no room'],
    ['an entrance in a room', 'auth/a.ts', "import { X } from '../graphql.js';", 'no room imports an entrance'],
    ['the sandbox in a room', 'aws/a.ts', "import { X } from '../sandbox/x.js';", 'stand apart'],
    ['the sandbox in an entrance', 'main.ts', "import { X } from './sandbox/x.js';", 'stand apart'],
    ['a room in the sandbox', 'sandbox/a.ts', "import { X } from '../aws/x.js';", 'stand apart'],
    ['a leaf in the sandbox', 'sandbox/cognito/a.ts', "import { X } from '../../config.js';", 'stand apart'],
    ['the SDK elsewhere', 'plans/a.ts', "import { X } from '@aws-sdk/client-api-gateway';", 'aws/ only'],
    ['the verifier elsewhere', 'aws/a.ts', "import { X } from 'aws-jwt-verify/error';", 'auth/ only'],
    ['a room that the design does not know', 'common/a.ts', '', 'neither a room'],
    ['a file at the top that it does not know', 'helpers.ts', '', 'neither a room'],
    ['settings read elsewhere', 'aws/a.ts', 'const x = process.env.X;', 'process.env'],
    ['settings read in the depth of the sandbox', 'sandbox/store.ts', 'const { X } = process.env;', 'process.env'],
    ['the time, asked directly', 'keys/a.ts', 'const now = Date.now();', 'reads the time'],
    ['the time, as a new Date', 'keys/a.ts', 'const now = new Date();', 'reads the time'],
    ['dice', 'keys/a.ts', 'const x = Math.random();', 'rolls dice'],
    ['a global module', 'keys/a.ts', '@Global()\nclass X {}', 'is global'],
    ['forwardRef', 'keys/a.ts', 'forwardRef(() => X)', 'forwardRef'],
    ['a package that is for some', 'redis.ts', "import { createClient } from '@redis/client';", 'most do without'],
    ['a barrel', 'keys/index.ts', '', 'barrel'],
    ['export *', 'keys/a.ts', "export * from './b.js';", 'hands on'],
    ['a resolver for all in admin/', 'admin/a.ts', '@Resolver()\nclass A {}', 'lets others than admins in'],
    [
      'one whose methods alone are guarded',
      'admin/a.ts',
      '@Resolver()\nclass A { @AdminOnly() a() {} }',
      'lets others',
    ],
    [
      'the second of two',
      'admin/a.ts',
      '@AdminOnly()\n@Resolver()\nclass A {}\n@Controller()\nclass B {}',
      'lets others',
    ],
    ['admins’ business elsewhere', 'plans/a.ts', '@AdminOnly()\n@Resolver()\nclass A {}', 'not in admin/'],
    ['a long file', 'keys/a.ts', '\n'.repeat(260).concat('x'), '261 lines'],
  ])('finds %s', (_, path, text, reason) => {
    expect(refused(path, text)).toEqual([expect.stringContaining(reason)]);
  });

  it('finds an attribute with two owners', () => {
    const named = (path: string) => ({ path, text: "const x = 'custom:plan';" });
    expect(breaches([named('keys/a.ts'), named('keys/b.ts')])).toEqual([
      'custom:plan is named in keys/a.ts and keys/b.ts',
    ]);
  });

  it.each([
    ['a look to the left', 'keys/a.ts', "import { X } from '../aws/x.js';"],
    ['a look at home', 'subscriptions/reconcile/a.ts', "import { X } from '../x.js';"],
    ['a leaf', 'auth/a.ts', "import { Clock } from '../clock.js';"],
    ['a leaf in a leaf', 'log.ts', "import { Config } from './config.js';"],
    ['a room in an entrance', 'graphql.ts', "import { X } from './operation/x.js';"],
    ['a package that is for some, when it is asked for', 'redis.ts', "const x = await import('@redis/client');"],
    ['its types', 'redis.ts', "import type { X } from '@redis/client';"],
    ['a given moment', 'keys/a.ts', 'const x = new Date(0), y = new Date(Date.parse(z));'],
    ['words in a comment', 'keys/a.ts', '/** Not Math.random(), process.env or `forwardRef`. */ // Date.now()'],
    ['the owner of an attribute, and one who writes about it', 'keys/a.ts', "const x = 'custom:plan'; // custom:plan"],
  ])('leaves %s alone', (_, path, text) => expect(refused(path, text)).toEqual([]));
});
