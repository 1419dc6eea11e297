// Starts a command in a sandbox, prints the ids of both, and ends. The command goes on: `finish-work.ts` finds it again.
// `node examples/sandboxes/start-work.ts`
import { Sandbox } from '@ephemera/sandbox';
import { place } from './place.ts';

const sandbox = await Sandbox.create({ on: place(), image: 'busybox:1', timeoutMs: 10 * 60_000 });
const work = 'echo begun; until [ -e go ]; do sleep 0.1; done; echo done; exit 5';
const command = await sandbox.commands.start(['sh', '-c', work]);
console.log(sandbox.id, command.id);
// Without this line, or with `await using`, the sandbox would end here.
await sandbox.disconnect();
