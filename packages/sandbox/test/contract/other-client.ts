import { clusterHost } from '../../src/cluster/cluster-host.ts';
import { Sandbox } from '../../src/sandbox.ts';

/**
 * A client in a process of its own. `other-client.ts wait NAMESPACE SANDBOX COMMAND` waits for a command and writes its result as JSON;
 * `other-client.ts start NAMESPACE SANDBOX ARGV…` starts one, follows it, writes its id once it has read something, and is killed then.
 */
const [mode, namespace = '', id = '', ...rest] = process.argv.slice(2);
const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
const sandbox = await Sandbox.connect(id, { on: clusterHost({ namespace, kubeconfigPath, context }) });
if (mode === 'wait') {
  const handle = await sandbox.commands.connect(rest[0] ?? '');
  const { exitCode, stdout, timedOut } = await handle.wait();
  process.stdout.write(JSON.stringify({ exitCode, stdout, timedOut }));
  await sandbox.disconnect();
} else {
  const handle = await sandbox.commands.start(rest);
  let told = false;
  for await (const _ of handle.logs()) {
    if (!told) process.stdout.write(`${handle.id}\n`);
    told = true;
  }
}
