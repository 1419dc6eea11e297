import { clusterHost, Sandbox } from '../src/index.ts';

/** Run as a process of its own: finds a sandbox and one of its commands by their ids, and waits for the end of both. */
const [namespace = '', id = '', command = ''] = process.argv.slice(2);
const kubeconfigPath = process.env['EPHEMERA_TEST_KUBECONFIG'];
const context = process.env['EPHEMERA_TEST_CONTEXT'];
const sandbox = await Sandbox.connect(id, { on: clusterHost({ namespace, kubeconfigPath, context }) });
const handle = await sandbox.commands.connect(command);
await handle.write('something\n');
await handle.closeStdin();
const { exitCode, stdout } = await handle.wait();
await sandbox.disconnect();
process.stdout.write(JSON.stringify({ exitCode, stdout }));
