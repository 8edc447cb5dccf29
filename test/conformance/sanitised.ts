import type { Exchange } from './clouds/exchange.js';

/** Members and headers, in lower case, whose values are secrets, and what stands in their place. */
const SECRETS: Readonly<Record<string, string>> = {
  value: 'key-value',
  'x-api-key': 'key-value',
  apikey: 'key-value',
  accesstoken: 'token',
  idtoken: 'token',
  refreshtoken: 'token',
  refresh_token: 'token',
  token: 'token',
  session: 'session',
  nexttoken: 'page',
  paginationtoken: 'page',
  position: 'page',
  password: 'password',
  previouspassword: 'password',
  proposedpassword: 'password',
  temporarypassword: 'password',
  new_password: 'password',
  secrethash: 'secret',
  secret_hash: 'secret',
  clientsecret: 'secret',
  client_secret: 'secret',
  confirmationcode: 'code',
  code: 'code',
  code_verifier: 'code',
  _csrf: 'csrf',
  srp_a: 'srp',
  srp_b: 'srp',
  salt: 'srp',
  secret_block: 'srp',
  password_claim_secret_block: 'srp',
  password_claim_signature: 'srp',
};
const IDS =
  /^(id|clientid|userpoolid|usersub|username|user_id_for_srp|keyid|usageplanid|restapiid|resourceid|parentid|deploymentid|authorizerid|rootresourceid)$/;
const TIMES = /date$/i;
const KEPT_HEADERS =
  /^(content-type|location|x-amz-target|x-amzn-errortype|x-api-key|authorization|cookie|set-cookie)$/i;
const SHORTEST = 6;

/** Rewrites exchanges so that they can be shown to others: whatever is secret or somebody's own has a stable stand-in. */
export class Sanitiser {
  private readonly standIns = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  /** Passwords and the like that are known beforehand. */
  constructor(known: Readonly<Record<string, string>> = {}) {
    for (const [secret, kind] of Object.entries(known)) this.learn(secret, kind);
  }

  /** The exchanges of one row, as lines of text. */
  rewrite(exchanges: readonly Exchange[]): object[] {
    for (const { url, headers, replyHeaders, body, reply } of exchanges) {
      this.study(Object.fromEntries(new URL(url, 'http://any').searchParams));
      this.studyText(body);
      this.studyText(reply);
      this.study(headers);
      this.studyText(new URL(replyHeaders.location ?? '', 'http://any').search.slice(1));
    }
    return exchanges.map(({ operation, method, url, headers, body, status, replyHeaders, reply }) => ({
      operation,
      request: `${method} ${this.clean(pathOf(url))}`,
      headers: this.headers(headers),
      body: this.clean(body),
      status,
      replyHeaders: this.headers(replyHeaders),
      reply: this.clean(reply),
    }));
  }

  clean(text: string): string {
    let clean = text.replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, (token) => this.learn(token, 'token'));
    const longestFirst = [...this.standIns].sort(([a], [b]) => b.length - a.length);
    for (const [secret, standIn] of longestFirst) clean = clean.replaceAll(secret, standIn);
    return clean
      .replace(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi, (id) => this.learn(id, 'uuid'))
      .replace(/[a-z]{2}(?:-gov)?-[a-z]+-\d_[A-Za-z\d]+/g, (id) => this.learn(id, 'pool'))
      .replace(/(?<![\w.])\d{12}(?![\w.])/g, '<account>')
      .replace(/127\.0\.0\.1:\d+/g, '<host>')
      .replace(/"(\w*[dD]ate|iat|exp|auth_time)":\s*\d[\d.Ee+]*/g, '"$1":"<time>"');
  }

  private headers(headers: Readonly<Record<string, string>>): Record<string, string> {
    const kept = Object.entries(headers).filter(([name]) => KEPT_HEADERS.test(name));
    return Object.fromEntries(
      kept.map(([name, value]) => {
        if (/cookie/i.test(name)) return [name, '<cookie>'];
        if (/^AWS4-HMAC/.test(value)) return [name, '<signature>'];
        return [name, this.clean(value)];
      }),
    );
  }

  private studyText(text: string): void {
    if (text === '') return;
    try {
      this.study(JSON.parse(text));
    } catch {
      if (text.startsWith('<'))
        for (const [, name = '', value = ''] of text.matchAll(/name="(\w+)"[^>]* value="([^"]*)"/g))
          this.member(name, value);
      else if (text.includes('=') && !text.includes('\n')) this.study(Object.fromEntries(new URLSearchParams(text)));
      else this.csv(text);
    }
  }

  /** A file of keys: every word that is long enough to be a value is taken for one. */
  private csv(text: string): void {
    for (const [word] of text.matchAll(/[\w+/=-]{20,}/g)) this.learn(word, 'key-value');
  }

  private study(value: unknown): void {
    if (Array.isArray(value)) for (const one of value) this.study(one);
    else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) {
        if (typeof one === 'string') this.member(name, one);
        else this.study(one);
      }
  }

  private member(name: string, value: string): void {
    const lower = name.toLowerCase();
    const kind = SECRETS[lower] ?? (IDS.test(lower) ? 'id' : null);
    if (kind !== null && !TIMES.test(name) && value.length >= SHORTEST && !/^[a-z]+$/.test(value))
      this.learn(value, kind);
    if (/^[[{]/.test(value)) this.studyText(value);
  }

  private learn(secret: string, kind: string): string {
    const known = this.standIns.get(secret);
    if (known !== undefined) return known;
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    const standIn = `<${kind}-${count}>`;
    this.standIns.set(secret, standIn);
    return standIn;
  }
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'http://any');
  return `${pathname}${search}`;
}
