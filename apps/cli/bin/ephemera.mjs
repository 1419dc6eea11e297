#!/usr/bin/env node
// The command `ephemera`: main.ts under the pinned Node. Plain JavaScript without static imports of ours, so that an old Node
// reads far enough to be told that it is too old.
void import('./node-version.mjs')
  .then(({ requireNode }) => requireNode())
  .then(() => import('./run-pinned.mjs'))
  .then(({ runPinned }) => runPinned('apps/cli/src/main.ts', process.argv.slice(2)));
