import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Where `npm run build` puts the page, seen from here and from `dist` alike. */
const BUILT = fileURLToPath(new URL('../../../web/dist/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const PACKED_ALREADY = ['.woff2'];

/** A file as it is sent; it is packed when a browser first takes it so. */
export class PortalFile {
  private packed: Buffer | null = null;

  constructor(
    private readonly extension: string,
    readonly body: Buffer,
  ) {}

  get type(): string {
    return TYPES[this.extension] ?? 'application/octet-stream';
  }

  /** For browsers that take it; null = it would not be smaller. */
  get gzipped(): Buffer | null {
    if (PACKED_ALREADY.includes(this.extension)) return null;
    this.packed ??= gzipSync(this.body, { level: 9 });
    return this.packed;
  }
}

/** The page's files by their path, such as `assets/index-3f2a.js`; read once, so a later build does not mix with them. */
export function readPortalFiles(directory = BUILT): ReadonlyMap<string, PortalFile> {
  if (!existsSync(directory)) return new Map();
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  const served = paths.filter((path) => TYPES[extname(path)] !== undefined);
  return new Map(served.map((path) => [path, new PortalFile(extname(path), readFileSync(join(directory, path)))]));
}
