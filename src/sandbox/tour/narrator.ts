import { isDeepStrictEqual } from 'node:util';

const MAX_BODY = 170;

/** Tells the reader what is sent, what comes back, and whether it is what was promised. */
export class Narrator {
  private kept = 0;
  private broken = 0;
  private chapters = 0;

  constructor(private readonly print: (line: string) => void) {}

  get allKept(): boolean {
    return this.broken === 0 && this.kept > 0;
  }

  chapter(title: string): void {
    this.chapters += 1;
    this.print(`\n${this.chapters}. ${title}`);
  }

  exchange(request: string, status: number | string, body: unknown): void {
    const text = shortened(typeof body === 'string' ? body : JSON.stringify(body));
    this.print(`   ${shortened(request)}`);
    this.print(`     ${status}  ${text.length > MAX_BODY ? `${text.slice(0, MAX_BODY)} …` : text}`);
  }

  /** One promise: kept when what came is what was expected. */
  promise(text: string, came: unknown, expected: unknown): void {
    const isKept = isDeepStrictEqual(came, expected);
    if (isKept) this.kept += 1;
    else this.broken += 1;
    this.print(`   ${isKept ? '✓' : '✗'} ${text}`);
    if (isKept) return;
    this.print(`       expected ${shortened(JSON.stringify(expected) ?? 'nothing')}`);
    this.print(`       came     ${shortened(JSON.stringify(came) ?? 'nothing')}`);
  }

  /** The tour cannot go on. */
  stuck(error: unknown): void {
    this.broken += 1;
    this.print(`   ✗ The tour could not go on: ${shortened(error instanceof Error ? error.message : String(error))}`);
  }

  end(): void {
    const broken = this.broken > 0 ? `, ${this.broken} broken` : '';
    this.print(`\n${this.kept} promises kept${broken}.`);
  }
}

/** Keys and tokens are long runs without a space; of these only the last four characters are shown. */
function shortened(text: string): string {
  return text.replace(/[\w.-]{37,}/g, (secret) => `…${secret.slice(-4)}`);
}
