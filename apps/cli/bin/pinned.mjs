#!/usr/bin/env node
// `node pinned.mjs SCRIPT [argument…]` runs a script of this repository under the pinned Node; SCRIPT is relative to its root.
void import('./node-version.mjs')
  .then(({ requireNode }) => requireNode())
  .then(() => import('./run-pinned.mjs'))
  .then(({ runPinned }) => {
    const [script, ...rest] = process.argv.slice(2);
    if (script !== undefined) return runPinned(script, rest);
    process.stderr.write('pinned.mjs: no script was named. Usage: node apps/cli/bin/pinned.mjs SCRIPT [argument…]\n');
    process.exit(2);
  });
