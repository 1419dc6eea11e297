// A server in a sandbox, and this machine as its client: `node examples/sandboxes/web-server.ts`
import { Sandbox } from '@ephemera/sandbox';
import { place } from './place.ts';

await using sandbox = await Sandbox.create({ on: place(), image: 'busybox:1' });
await sandbox.files.write('site/index.html', 'hello from the sandbox\n');

const server = await sandbox.commands.start(['httpd', '-f', '-p', '8080', '-h', 'site']);
await sandbox.waitForPort(8080, { timeoutMs: 30_000 });
await using site = await sandbox.forward(8080);
const answer = await fetch(`${site.url}/index.html`);
console.log(answer.status, (await answer.text()).trimEnd());

await server.kill();
const { exitCode, signal } = await server.wait();
console.log(exitCode, signal);
