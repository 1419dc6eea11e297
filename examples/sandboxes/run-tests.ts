// The tests of a folder, in a sandbox. Ends with 0 where they pass, 1 where they fail, 2 where nobody knows.
// `node examples/sandboxes/run-tests.ts [FOLDER]`
import { join } from 'node:path';
import { Sandbox } from '@ephemera/sandbox';
import { checkChange } from './check-change.ts';
import { place } from './place.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, 'project');
await using sandbox = await Sandbox.create({
  on: place(),
  image: 'busybox:1',
  resources: { limits: { cpu: '500m', memory: '256Mi' } },
});
const verdict = await checkChange(sandbox, { folder, onOutput: (bytes) => process.stdout.write(bytes) });
console.error(verdict.known === 'passes' ? 'it passes' : `${verdict.known}: ${verdict.because}`);
process.exitCode = { passes: 0, fails: 1, nothing: 2 }[verdict.known];
