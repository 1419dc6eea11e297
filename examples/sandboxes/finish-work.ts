// Finds a sandbox and its command by their ids, and waits for the end of the command: `node examples/sandboxes/finish-work.ts ID COMMAND`
import { Sandbox } from '@ephemera/sandbox';
import { place } from './place.ts';

const [id = '', commandId = ''] = process.argv.slice(2);
await using sandbox = await Sandbox.connect(id, { on: place() });
const command = await sandbox.commands.connect(commandId);
await sandbox.files.write('go', '');
// Also what it wrote before this process was there.
const { exitCode, stdout } = await command.wait();
console.log(exitCode, JSON.stringify(stdout));
