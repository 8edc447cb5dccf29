/** A plan that somebody chose before they were signed in, kept until it is theirs. */
export interface Intent {
  readonly plan: string;
  /** When it was chosen, in milliseconds. */
  readonly at: number;
  /** The id of the customer who chose it; null = nobody was signed in. */
  readonly by: string | null;
}

interface Shelf {
  getItem(name: string): string | null;
  setItem(name: string, text: string): void;
  removeItem(name: string): void;
}

const NAME = 'turnpike.intent';
/** Time enough to sign up and wait for the mail; what is older was given up. */
const KEPT_MILLISECONDS = 30 * 60_000;

/** In the tab's own storage: it outlives reloads and redirects, and ends with the tab. */
export class Intents {
  constructor(
    private readonly shelf: Shelf,
    private readonly now: () => number = Date.now,
  ) {}

  keep(plan: string, by: string | null = null): void {
    this.shelf.setItem(NAME, JSON.stringify({ plan, at: this.now(), by } satisfies Intent));
  }

  /** What to go on with; null = nothing was begun, or long ago. */
  pending(): Intent | null {
    const intent = read(this.shelf.getItem(NAME));
    if (intent && this.now() - intent.at < KEPT_MILLISECONDS) return intent;
    this.drop();
    return null;
  }

  drop(): void {
    this.shelf.removeItem(NAME);
  }
}

function read(text: string | null): Intent | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    const isIntent = typeof value === 'object' && value !== null && 'plan' in value && 'at' in value;
    return isIntent && typeof value.plan === 'string' && typeof value.at === 'number' ? (value as Intent) : null;
  } catch {
    return null;
  }
}
