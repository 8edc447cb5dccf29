import type { Controlled } from '../control.js';
import { UnacceptableInput } from '../control-input.js';
import type { SandboxReply, SandboxRequest } from '../http.js';
import { PAGE_PATH, PAGE_STYLE_PATH } from './addresses.js';
import { document } from './document.js';
import { PRESSES, type Press } from './presses.js';
import { PAGE_STYLE } from './style.js';

const FORMS = `${PAGE_PATH}page/`;

/** The switches for people: a page of plain forms. Null when the request is a program's, or for another address. */
export async function controlPage(sandbox: Controlled, request: SandboxRequest): Promise<SandboxReply | null> {
  const { method, url, headers } = request;
  const { pathname } = url;
  if (method === 'GET' && pathname === PAGE_STYLE_PATH) return stylesheet();
  if (method === 'GET' && pathname === PAGE_PATH && prefersHtml(headers.accept)) return opened(sandbox, url);
  const name = pathname.startsWith(FORMS) ? pathname.slice(FORMS.length) : '';
  const press = Object.hasOwn(PRESSES, name) ? PRESSES[name] : undefined;
  if (press && method === 'GET') return seeOther(PAGE_PATH); // the address of a form, opened again after a refusal
  if (press && method === 'POST') return pressed(sandbox, request, press, `${PAGE_PATH}?done=${name}#${press.section}`);
  return null;
}

/** A browser names text/html; a program names JSON, or anything, or nothing. */
export function prefersHtml(accept = ''): boolean {
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  const qualityOf = (wanted: string) => ranges.find(({ type }) => type === wanted)?.quality ?? 0;
  const html = qualityOf('text/html');
  return html > 0 && html >= qualityOf('application/json');
}

function opened(sandbox: Controlled, url: URL): SandboxReply {
  const done = url.searchParams.get('done') ?? '';
  const notice = Object.hasOwn(PRESSES, done) ? PRESSES[done]?.notice : undefined;
  return document(200, sandbox, { url, notice });
}

/** Leads back to the page with GET, so that loading it again does not press again. */
async function pressed(
  sandbox: Controlled,
  request: SandboxRequest,
  press: Press,
  back: string,
): Promise<SandboxReply> {
  const { url, headers, body } = request;
  if (headers.origin !== undefined && headers.origin !== url.origin) return notOurs();
  try {
    await press.run(sandbox, new URLSearchParams(body.toString('utf8')));
  } catch (error) {
    if (error instanceof UnacceptableInput) return document(400, sandbox, { url, problem: error.message });
    throw error;
  }
  return seeOther(back);
}

/** Stricter than the controls for programs: another website of this machine does not press these buttons either. */
function notOurs(): SandboxReply {
  const message = 'Only the sandbox’s own page may send its forms';
  return { status: 403, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}

function seeOther(location: string): SandboxReply {
  return { status: 303, headers: { location, 'cache-control': 'no-store' } };
}

function stylesheet(): SandboxReply {
  return { status: 200, headers: { 'content-type': 'text/css; charset=utf-8' }, body: PAGE_STYLE };
}
