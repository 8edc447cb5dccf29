const REMOVED = '[removed]';

/** What has the form of a token, or of a key's value: 40 letters and digits in a row, which no id has. */
const FORMS = String.raw`eyJ[\w-]{8,}(?:\.[\w-]*)*|[A-Za-z0-9]{40,}`;
/** What follows the word is a token, whatever its form. */
const BEARER = String.raw`[Bb]earer +[\w.~+/=-]+`;
/** Within a text of JSON: stands for another character, and no letter of it belongs to what comes next. */
const ESCAPE = String.raw`\\(?:u[\da-fA-F]{4}|.)`;

const SHORTEST_SECRET = 8;
const FORM = new RegExp(FORMS, 'g');

/** A text without what has the form of a secret, for what others wrote. */
export function withoutSecrets(text: string): string {
  return text.replace(FORM, REMOVED);
}

/**
 * The last line of defence before something is written: takes out what has the form of a secret, and the secrets that this
 * process was told, by their value. It is no leave to log one: a short password has no form.
 */
export class Redaction {
  private readonly plain: RegExp;
  private readonly escaped: RegExp;

  constructor(secrets: readonly string[] = []) {
    const known = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
    const within = known.map((secret) => JSON.stringify(secret).slice(1, -1));
    this.plain = new RegExp([...known.map(literal), BEARER, FORMS].join('|'), 'g');
    this.escaped = new RegExp([...within.map(literal), ESCAPE, BEARER, FORMS].join('|'), 'g');
  }

  ofText(text: string): string {
    return text.replace(this.plain, REMOVED);
  }

  /** Of a value already written as JSON, in one pass over all that it holds: it stays JSON. */
  ofJson(json: string): string {
    return json.replace(this.escaped, (found) => (isEscape(found) ? found : REMOVED));
  }
}

function isEscape(found: string): boolean {
  return found.startsWith('\\') && (found.length === 2 || /^\\u.{4}$/.test(found));
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
