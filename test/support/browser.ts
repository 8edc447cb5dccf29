/** A page, or the address that the browser was sent to elsewhere. */
export interface Seen {
  readonly url: URL;
  /** 0 for an address elsewhere, which is not loaded. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** As much of a browser as a page of plain forms needs: it keeps cookies and follows redirects within one site. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(
    private readonly site: string,
    private readonly send: (url: string, init: RequestInit) => Promise<Response> = fetch,
  ) {}

  async open(address: string | URL, form?: URLSearchParams): Promise<Seen> {
    const url = new URL(address, this.site);
    if (url.origin !== this.site) return { url, status: 0, headers: new Headers(), text: '' };
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const how = form ? { method: 'POST', body: form.toString() } : {};
    const reply = await this.send(url.href, {
      ...how,
      headers: { cookie, accept: ACCEPT, ...(form && FORM) },
      redirect: 'manual',
    });
    for (const line of reply.headers.getSetCookie()) this.keep(line);
    const location = reply.headers.get('location');
    if (location !== null) return this.open(new URL(location, url));
    return { url, status: reply.status, headers: reply.headers, text: await reply.text() };
  }

  /** Sends the page's form that leads to `path`, with what the page filled in and with `fields`. */
  submit({ url, text }: Seen, path: string, fields: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const forms = [...text.matchAll(/<form method="post" action="([^"]*)">(.*?)<\/form>/gs)];
    const form = forms.find(([, action = '']) => new URL(plain(action), url).pathname === path);
    if (!form) throw new Error(`${url} has no form to ${path}: ${text}`);
    const [, action = '', content = ''] = form;
    const inputs = [...content.matchAll(/<input [^>]*>/g)].map(([tag]) => tag);
    const filled = inputs.map((tag) => [attribute(tag, 'name'), attribute(tag, 'value')] as const);
    const sent = new URLSearchParams({ ...Object.fromEntries(filled), ...fields });
    return this.open(new URL(plain(action), url), sent);
  }

  private keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/; *Max-Age=0\b/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** What the page announces as an error. */
export function alertIn({ text }: Seen): string | null {
  const found = /<[^>]* role="alert">(.*?)<\//s.exec(text)?.[1];
  return found === undefined ? null : plain(found);
}

export function titleOf({ text }: Seen): string {
  return plain(/<h1>(.*?)<\/h1>/s.exec(text)?.[1] ?? '');
}

function attribute(tag: string, name: string): string {
  return plain(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
}

function plain(markup: string): string {
  return markup.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
