import type { Cluster } from '@ephemera/kube';
import { fault, fine, type Finding } from './check-result.ts';

export interface RoundTrip {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Has to have a shell. */
  readonly image: string;
  readonly signal?: AbortSignal | undefined;
}

/** Not 0 and not 1, which something else could have ended with. */
const exitCode = 7;

/** Makes a sandbox with our own rights, runs a command whose exit code has to come back, and removes it. */
export async function roundTrip({ cluster, namespace, image, signal }: RoundTrip): Promise<Finding> {
  // Only here: the other checks start faster without it.
  const { clusterHost, Sandbox } = await import('../index.ts');
  const on = clusterHost({ cluster, namespace });
  const sandbox = await Sandbox.create({
    on,
    image,
    timeoutMs: 5 * 60_000,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const result = await sandbox.commands.shell(`exit ${exitCode}`, { timeoutMs: 60_000 });
    if (result.exitCode !== exitCode) {
      return fault(
        `a command that ends with ${exitCode} came back with ${result.exitCode}`,
        `See whether ${image} has a shell: npx ephemera sandbox run ${image} -- sh -c 'exit ${exitCode}'`,
      );
    }
  } finally {
    await sandbox.kill();
  }
  return fine(`a sandbox of ${image} ran a command that ended with ${exitCode}, and is gone`);
}
