import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MOST_DIRECT = 25;
const EXACT = /^\d+\.\d+\.\d+$/;

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Locked {
  readonly dev?: boolean;
  /** To a package of this repository. */
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
}

const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const page = JSON.parse(read('web/package.json')) as Manifest;
const OURS = ['', 'web'];
const locked = Object.entries((JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }).packages);

describe('threats §4, supply chain: the packages that production installs', () => {
  it('are at most 25 that we chose, each with its reason in docs/decisions', () => {
    const page = read('docs/decisions/0026-direct-dependencies.md');
    const rows = [...page.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)];
    const named = Object.keys(manifest.dependencies).sort();
    expect(rows.map(([, name]) => name).sort()).toEqual(named);
    expect(rows.filter(([, , reason = '']) => reason.length < 15)).toEqual([]);
    expect(named.length).toBeLessThanOrEqual(MOST_DIRECT);
  });

  it('are pinned, the tools too, and every package of the tree has a hash that npm ci checks', () => {
    const chosen = [manifest.dependencies, manifest.devDependencies, page.devDependencies].flatMap(Object.entries);
    expect(chosen.filter(([, version]) => !EXACT.test(version))).toEqual([]);
    const others = locked.filter(([path, { link }]) => !OURS.includes(path) && !link);
    expect(others.filter(([, { integrity }]) => !integrity)).toEqual([]);
    expect(others.length).toBeGreaterThan(500);
  });

  it('are none of those that the portal is built with, which end as files', () => {
    expect(page.dependencies).toBeUndefined();
    const tools = ['vite', 'rolldown', '@graphql-codegen/core', '@base-ui/react'];
    expect(
      locked.filter(([path, { dev }]) => tools.some((tool) => path.endsWith(`node_modules/${tool}`)) && !dev),
    ).toEqual([]);
  });

  it('need no install script but one, whose work is not needed either: npm ci --ignore-scripts will do', () => {
    const scripted = locked.filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev);
    expect(scripted.map(([path]) => path.replace(/^.*node_modules\//, ''))).toEqual(['@apollo/protobufjs']);
  });

  it('have permissive licences, which a command lists', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['test/supply-chain/licences.js'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('@apollo/server');
    expect(stdout).toContain('@base-ui/react'); // part of the portal's files
  });
});
