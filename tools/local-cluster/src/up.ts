import { mkdir } from 'node:fs/promises';
import { provideTools } from './build.ts';
import type { ClusterOptions, ClusterStatus } from './contract.ts';
import { alone } from './alone.ts';
import { layoutOf, sharedFolders } from './layout.ts';
import { poll } from './poll.ts';
import { requireMachine } from './requirements.ts';
import { start } from './start.ts';
import { clusterStatus } from './status.ts';

const patience = { deadlineMs: 20_000, everyMs: 250 };

/** Brings the instance up, from whatever state it is in. Safe to call twice at once: the second call waits. */
export async function clusterUp(options: ClusterOptions): Promise<ClusterStatus> {
  requireMachine();
  const layout = layoutOf(options.cache, options.name);
  await mkdir(layout.folder, { recursive: true });
  return alone(`cluster ${layout.folder}`, options, async () => {
    const found = await settledStatus(options);
    const { tools } = sharedFolders(layout.cache);
    // All instances share the tools, so two first starts must not build them at the same time. Also for a cluster that
    // is up: its kubectl is looked for under the present versions.
    await alone(`tools ${tools}`, options, () => provideTools(options));
    if (found.state === 'up') return found;
    await start(layout, options);
    return clusterStatus(options);
  });
}

/** A cluster under load may be slow to answer; it is only started anew, and its objects lost, when it stays silent. */
async function settledStatus(options: ClusterOptions): Promise<ClusterStatus> {
  let status = await clusterStatus(options);
  const waiting = { ...patience, signal: options.signal };
  // Without addresses its start was interrupted, and waiting does not complete it.
  if (status.state !== 'broken' || status.nodeAddress === null) return status;
  await poll(async () => (status = await clusterStatus(options)).state !== 'broken', waiting);
  return status;
}
