/** What may be found that makes it unsafe or pointless to start, unless `ALLOW_UNSAFE` has its name. */
export const UNSAFE = [
  'unknown-pool',
  'pool-attributes',
  'unknown-client',
  'writable-attributes',
  'implicit-grant',
  'user-existence-errors',
  'key-secret',
  'kms-key',
  'missing-rights',
] as const;

/** What somebody should look at, and what works meanwhile for all but those concerned. `ALLOW_UNSAFE` takes these names too: not all can be mended. */
export const WARNINGS = [
  'username-case',
  'hosted-sign-in',
  'plan-code',
  'plan-stage',
  'key-count',
  'keys-elsewhere',
  'key-secret-doubtful',
  'not-looked-at',
] as const;

export type UnsafeName = (typeof UNSAFE)[number];
export type FindingName = UnsafeName | (typeof WARNINGS)[number];

/** Something that is not as it should be: what exactly, why it matters, and how to mend it. */
export interface Finding {
  readonly name: FindingName;
  readonly what: string;
  readonly why: string;
  /** A command, or several lines of them; words where no command helps. */
  readonly mend: string;
}

export type Outcome = 'safe' | 'unsafe' | 'unknown';

/** What the pre-flight found. */
export class Verdict {
  constructor(
    readonly findings: readonly Finding[],
    /** What could not be looked at just now, and why. */
    readonly unanswered: readonly string[],
    private readonly allowed: readonly string[],
  ) {}

  get unsafe(): readonly Finding[] {
    return this.findings.filter((finding) => isUnsafe(finding) && !this.isAllowed(finding));
  }

  /** Unsafe or not, and allowed by name. */
  get tolerated(): readonly Finding[] {
    return this.findings.filter((finding) => this.isAllowed(finding));
  }

  get warnings(): readonly Finding[] {
    return this.findings.filter((finding) => !isUnsafe(finding) && !this.isAllowed(finding));
  }

  /** One thing found is enough to know; to know that all is well takes every answer. */
  get outcome(): Outcome {
    if (this.unsafe.length > 0) return 'unsafe';
    return this.unanswered.length > 0 ? 'unknown' : 'safe';
  }

  private isAllowed({ name }: Finding): boolean {
    return this.allowed.includes(name);
  }
}

function isUnsafe({ name }: Finding): boolean {
  return UNSAFE.some((unsafe) => unsafe === name);
}

/** For the log; `npm run doctor` tells why it matters and how to mend it. */
export function brief({ name, what }: Finding): Pick<Finding, 'name' | 'what'> {
  return { name, what };
}
