// The shortest program with a sandbox: `node examples/sandboxes/hello.ts`
import { Sandbox } from '@ephemera/sandbox';
import { place } from './place.ts';

await using sandbox = await Sandbox.create({ on: place(), image: 'busybox:1' });
const { exitCode, stdout } = await sandbox.commands.run(['echo', 'hello']);
console.log(exitCode, stdout.trimEnd());
