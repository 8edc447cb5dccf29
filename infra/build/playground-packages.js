import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagedFiles } from '../../dist/operation/playground/playground-files.js';
import { notices } from '../bundle/notices.js';

/*
 * Part of `npm run build`: the files of packages that the playground's page loads are put beside our own, so that a server in
 * production needs neither the packages nor the hundred that come with them.
 */

const folder = fileURLToPath(new URL('../../dist/operation/playground/browser/', import.meta.url));
const files = packagedFiles();
for (const { name, path } of files) copyFileSync(path, join(folder, name));
writeFileSync(
  join(folder, 'THIRD-PARTY-NOTICES.txt'),
  notices(
    '',
    [],
    files.map(({ folder }) => folder),
  ),
);
