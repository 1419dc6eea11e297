#!/usr/bin/env node
// The command `ephemera`: main.ts under the pinned Node. Plain JavaScript without static imports of ours, so that an old Node
// reads far enough to be told that it is too old.
void import('./node-version.mjs')
  .then(({ requireNode }) => requireNode())
  .then(() => Promise.all([import('./run-pinned.mjs'), import('./node-flags.mjs')]))
  .then(([{ runPinned }, { NODE_FLAGS }]) => runPinned('apps/cli/src/main.ts', process.argv.slice(2), NODE_FLAGS));
