// One sandbox for all who ask for its name: `node examples/sandboxes/notebook.ts [NAME]`
import { Sandbox } from '@ephemera/sandbox';
import { place } from './place.ts';

const sandbox = await Sandbox.getOrCreate(process.argv[2] ?? 'notebook', {
  on: place(),
  image: 'busybox:1',
  // It ends by itself when nobody has used it for a quarter of an hour.
  idleTimeoutMs: 15 * 60_000,
});
const { stdout } = await sandbox.commands.shell('echo visit >> visits; wc -l < visits');
console.log(`${sandbox.id} visit ${stdout.trim()}`);
await sandbox.disconnect();
