import type { ManagedPlan } from '../plan-catalogue.service.js';
import { differing, type PlanSettings } from '../plan-settings.js';

/** One plan that is not as the file says. */
export type Difference =
  | { readonly kind: 'new'; readonly wanted: PlanSettings }
  | { readonly kind: 'changed'; readonly wanted: PlanSettings; readonly plan: ManagedPlan }
  | { readonly kind: 'missing'; readonly plan: ManagedPlan }
  | { readonly kind: 'ambiguous'; readonly plans: readonly ManagedPlan[]; readonly wanted: PlanSettings | null };

/** What would have to be done for the account to be as the file says. Plans that are retired need not be in it. */
export function compare(wanted: readonly PlanSettings[], managed: readonly ManagedPlan[]): Difference[] {
  const codes = new Set([...wanted.map(({ code }) => code), ...managed.map(({ settings }) => settings.code)]);
  return [...codes].flatMap((code): Difference[] => {
    const plan = wanted.find((one) => one.code === code) ?? null;
    const [there, ...others] = managed.filter(({ settings }) => settings.code === code);
    if (there && others.length > 0) return [{ kind: 'ambiguous', plans: [there, ...others], wanted: plan }];
    if (!plan) return there && !there.settings.retired ? [{ kind: 'missing', plan: there }] : [];
    if (!there) return [{ kind: 'new', wanted: plan }];
    return differing(there.settings, plan).length > 0 ? [{ kind: 'changed', wanted: plan, plan: there }] : [];
  });
}

/** For people: `+` is new, `~` is changed, `-` is not in the file, `!` is for somebody to look at. */
export function linesOf(difference: Difference): string[] {
  if (difference.kind === 'new') return [`+ ${difference.wanted.code}`, ...membersOf(difference.wanted)];
  if (difference.kind === 'missing') {
    return [`- ${difference.plan.settings.code}: not in the file; apply --retire-missing retires it`];
  }
  if (difference.kind === 'ambiguous') {
    const [first] = difference.plans;
    const ids = difference.plans.map(({ id }) => id).join(', ');
    return [`! ${first?.settings.code}: several usage plans bear this code (${ids}); take the tag from all but one`];
  }
  const { plan, wanted } = difference;
  const [before, after] = [flat(plan.settings), flat(wanted)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  const changes = paths.map((path) => `    ${path}: ${before.get(path) ?? 'none'} -> ${after.get(path) ?? 'none'}`);
  return [`~ ${wanted.code}`, ...changes];
}

function membersOf(plan: PlanSettings): string[] {
  const { code: _, ...shown } = plan;
  return [...flat(shown)].map(([path, value]) => `    ${path}: ${value}`);
}

/** Each value as text by its path; what is null has none. */
function flat(plan: Partial<PlanSettings>): Map<string, string> {
  const paths = Object.entries(plan).flatMap(([member, value]): [string, string][] => {
    if (Array.isArray(value)) return [[member, [...value].sort().join(', ')]];
    if (typeof value !== 'object') return [[member, JSON.stringify(value)]];
    return Object.entries(value ?? {}).map(([inner, one]) => [`${member}.${inner}`, String(one)]);
  });
  return new Map(paths);
}
