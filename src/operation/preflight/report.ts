import type { Finding, Outcome, Verdict } from './finding.js';

const HEADLINES: Readonly<Record<Outcome, string>> = {
  safe: 'All that was looked at is as it should be.',
  unsafe: 'Turnpike does not start like this.',
  unknown: 'Not all could be looked at just now.',
};

/** The verdict for people to read. */
export function asText(verdict: Verdict): string {
  const { unsafe, tolerated, warnings, unanswered, outcome } = verdict;
  const shown = new Set<string>();
  const sections = [
    ...unsafe.map((finding) => section('UNSAFE', finding, shown)),
    ...tolerated.map((finding) => section('ALLOWED', finding, shown)),
    ...warnings.map((finding) => section('WARNING', finding, shown)),
    ...(unanswered.length > 0 ? [['NOT ANSWERED', ...unanswered.map((what) => `  ${what}`)].join('\n')] : []),
  ];
  const names = [...new Set(unsafe.map(({ name }) => name))];
  const anyway =
    names.length > 0 ? [`To start all the same, knowing what it means: ALLOW_UNSAFE=${names.join(',')}`] : [];
  return [HEADLINES[outcome], ...sections, ...anyway].join('\n\n');
}

/** The same for programs. */
export function asJson({ outcome, unsafe, tolerated, warnings, unanswered }: Verdict): string {
  return JSON.stringify({ outcome, unsafe, allowed: tolerated, warnings, unanswered }, null, 2);
}

/** One command mends all that is wrong with a client, and it is long. */
function section(severity: string, { name, what, why, mend }: Finding, shown: Set<string>): string {
  const isShown = shown.has(mend);
  shown.add(mend);
  const lines = isShown ? ['(mended by the same command as above)'] : mend.split('\n');
  return [`${severity} ${name}`, `  ${what}`, `  ${why}`, ...lines.map((line) => `    ${line}`)].join('\n');
}
