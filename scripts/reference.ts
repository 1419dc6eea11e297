// `node apps/cli/bin/pinned.mjs scripts/reference.ts`: writes the pages of docs/reference and the manifests of k8s/rbac from the code that they describe.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { referencePages } from './reference/pages.ts';

const root = join(import.meta.dirname, '..');
for (const { path, text } of await referencePages(root)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(path);
}
