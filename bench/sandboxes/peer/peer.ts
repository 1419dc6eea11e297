import { join } from 'node:path';
import { provideTool } from '@ephemera/local-cluster';
import type { ApiServer } from '../../api-server.ts';
import { startController } from './controller.ts';
import { install, installable, isOfBench, presentDefinition, readDefinition, uninstall } from './definition.ts';
import { agentSandbox, agentSandboxVersion } from './tool.ts';

export interface PeerOptions {
  readonly api: ApiServer;
  readonly cache: string;
  /** Of the local cluster: nothing of the peer is put into a user's. */
  readonly kubeconfigPath: string;
  readonly instance: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Makes the cluster one with agent-sandbox: its kind `Sandbox`, and its controller, built from its Go module where the cache does not have
 * it (about two minutes on two cores). Disposing takes both away. Undefined where the cluster has an agent-sandbox already.
 */
export async function startPeer(options: PeerOptions): Promise<AsyncDisposable | undefined> {
  const { api, cache, kubeconfigPath, instance, signal, say } = options;
  const present = await presentDefinition(api);
  if (present !== undefined && !isOfBench(present)) return undefined;
  const folder = await provideTool(agentSandbox, {
    cache,
    signal,
    report: ({ step, state }) => say(`  ${step} ${state}`),
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => uninstall(api));
  // A run that was killed has left it.
  await uninstall(api);
  await install(api, installable(await readDefinition({ cache, signal }), instance), signal);
  const program = join(folder, agentSandbox.binaries[0] ?? '');
  stack.use(await startController({ program, kubeconfigPath, signal }));
  say(`The controller of agent-sandbox ${agentSandboxVersion} runs`);
  const owned = stack.move();
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
