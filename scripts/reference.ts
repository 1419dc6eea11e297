// `node apps/cli/bin/pinned.mjs scripts/reference.ts`: writes the pages of docs/reference from the code that they describe.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER, referencePages } from './reference/pages.ts';

const root = join(import.meta.dirname, '..');
mkdirSync(join(root, FOLDER), { recursive: true });
for (const { path, text } of await referencePages(root)) {
  writeFileSync(join(root, path), text);
  console.log(path);
}
