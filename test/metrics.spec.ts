import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Clock } from '../src/clock.js';
import { Metrics } from '../src/metrics.js';

const textOf = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');

interface Described {
  readonly name: string;
  readonly labels: readonly string[];
}

/** Every metric of ours, with its labels. */
function registered(): readonly Described[] {
  const metrics = new Metrics(new Clock()).registry.getMetricsAsArray();
  return metrics.map((metric) => ({
    name: metric.name,
    labels: 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : [],
  }));
}

/** Metrics named with braces, as the documentation has them. */
function named(text: string): readonly Described[] {
  return [...text.matchAll(/\b(turnpike_\w+)(?:\{([\w,]*)\})?/g)].map(([, name = '', labels]) => ({
    name,
    labels: labels ? labels.split(',') : [],
  }));
}

/** What an expression of Prometheus asks for that there is not. */
function unknownIn(expression: string): readonly string[] {
  const series = [...expression.matchAll(/\b(turnpike_\w+)(?:\{([^}]*)\})?/g)];
  const grouping = [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(','));
  const used = series.map(([, name = '', filter = '']) => ({
    metric: registered().find(
      (metric) => metric.name === name.replace(/_(count|sum|bucket)$/, '') || metric.name === name,
    ),
    name,
    labels: [...filter.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label),
  }));
  const known = new Set(['le', 'instance', 'job', ...used.flatMap(({ metric }) => metric?.labels ?? [])]);
  return [
    ...(used.length === 0 ? [`${expression} asks for no metric of ours`] : []),
    ...used.filter(({ metric }) => !metric).map(({ name }) => name),
    ...used.flatMap(({ metric, name, labels }) =>
      labels.filter((label) => metric && !metric.labels.includes(label)).map((label) => `${name}{${label}}`),
    ),
    ...grouping.map((label) => label.trim()).filter((label) => !known.has(label)),
  ];
}

/** All values of that member, however deep. */
function valuesOf(name: string, within: unknown): readonly unknown[] {
  if (typeof within !== 'object' || within === null) return [];
  return Object.entries(within).flatMap(([key, value]) => (key === name ? [value] : valuesOf(name, value)));
}

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const alerts = () =>
  (parse(textOf('infra/alerts.yaml')) as { groups: { rules: Alert[] }[] }).groups.flatMap(({ rules }) => rules);

describe('the table of metrics', () => {
  it('has every metric there is, with its labels, and no other', () => {
    const text = textOf('docs/operators.md');
    const [, rest = ''] = text.split('| metric | to watch |');
    const [table = ''] = rest.split('\n\n');
    const rows = table.split('\n').map((row) => row.split(' | ')[0] ?? '');
    const byName = (a: Described, b: Described) => (a.name < b.name ? -1 : 1);
    expect([...named(rows.join('\n'))].sort(byName)).toEqual([...registered()].sort(byName));
  });
});

describe('the dashboard', () => {
  const dashboard: unknown = JSON.parse(textOf('infra/grafana-dashboard.json'));

  it('asks for metrics and labels that there are, in every panel', () => {
    const expressions = valuesOf('expr', dashboard).map(String);
    expect(expressions.length).toBeGreaterThan(10);
    expect(expressions.flatMap(unknownIn)).toEqual([]);
  });

  it('has panels that bear an id and a place of their own', () => {
    const { panels } = dashboard as {
      panels: { id: number; title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)}/${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos }) => gridPos.x + gridPos.w))).toBeLessThanOrEqual(24);
  });
});

describe('the alerts', () => {
  it('ask for metrics and labels that there are', () => {
    expect(alerts().length).toBeGreaterThan(9);
    expect(alerts().flatMap(({ expr }) => unknownIn(expr))).toEqual([]);
  });

  it('page whoever is on duty where AWS throttles so that customers can change nothing', () => {
    const pages = alerts().filter(({ labels, expr }) => labels.severity === 'page' && expr.includes('"TRY_AGAIN"'));
    expect(pages.map((page) => [page.for, page.expr.includes('"throttled"')])).toEqual([['2m', true]]);
  });

  it('name mutations that there are', () => {
    const [, mutations = ''] = textOf('schema.gql').split(/^type Mutation {$/m);
    const there = [...mutations.matchAll(/^ {2}(\w+)[(:]/gm)].map(([, name]) => name);
    const named = alerts().flatMap(({ expr }) =>
      [...expr.matchAll(/field=~"([^"]*)"/g)].map(([, names = '']) => names),
    );
    expect(named.length).toBeGreaterThan(0);
    for (const name of named.join('|').split('|')) expect(there).toContain(name);
  });

  it('each say how grave they are and what happened, and lead to a heading that says what to do', () => {
    const text = textOf('docs/operations.md');
    const headings = [...text.matchAll(/^## (Turnpike\w+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(alerts().map(({ alert }) => alert));
    for (const { alert, labels, annotations } of alerts()) {
      expect(labels.severity).toMatch(/^(page|ticket)$/);
      expect(annotations.summary.length).toBeGreaterThan(20);
      const [path = '', anchor] = annotations.runbook.split('#');
      expect(existsSync(fileURLToPath(new URL(`../${path}`, import.meta.url)))).toBe(true);
      expect(anchor).toBe(alert.toLowerCase());
      const [, section = ''] = text.split(`## ${alert}\n`);
      expect(section.split('\n## ')[0]).toMatch(/\*\*Means\*\*[\s\S]*\*\*Do\*\*/);
    }
  });
});

describe('the check of expressions', () => {
  it.each([
    ['a metric that there is not', 'rate(turnpike_wishes_total[5m])', 'turnpike_wishes_total'],
    ['a label that it does not have', 'turnpike_aws_breaker{operation="x"}', 'turnpike_aws_breaker{operation}'],
    ['a grouping by no label of it', 'sum by (service) (turnpike_drift)', 'service'],
  ])('finds %s', (_, expression, found) => expect(unknownIn(expression)).toEqual([found]));
});
