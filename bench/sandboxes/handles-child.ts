// Started by `handles.ts`: makes the handles that it is told of, and answers with the memory that this process has used.
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { connectCluster, findAccess } from '@ephemera/kube';
import { clusterHost, Sandbox } from '@ephemera/sandbox';
import { waitFor } from '../wait.ts';
import type { FromChild, HandlesTask, Memory } from './handles.ts';

/** A stream is closed half a minute after its last use. */
const idleTimeoutMs = 90_000;
/** How many calls to the cluster are under way at the same time. */
const lanes = 20;

const [task] = (await once(process, 'message')) as [HandlesTask];
const { context, kubeconfigPath, namespace, ids, handles, wave } = task;
const tell = (message: FromChild): void => void process.send?.(message);
const signal = AbortSignal.timeout(900_000);

{
  const access = findAccess({ context, kubeconfigPath });
  await using cluster = await connectCluster(access, undefined, { mostStreams: wave + 1 });
  const on = clusterHost({ cluster, namespace });
  const connect = (at: number): Promise<Sandbox> => Sandbox.connect(ids[at % ids.length] ?? '', { on, signal });
  const use = async (sandbox: Sandbox): Promise<void> => {
    const { exitCode } = await sandbox.commands.run(['true'], { signal });
    if (exitCode !== 0) throw new Error(`true ended with ${exitCode}`);
  };

  const first = await connect(0);
  await use(first);
  await inLanes(wave, () => first.info());
  await untilSockets(lanes);
  const before = await memoryNow();

  const made: Sandbox[] = [];
  await inLanes(handles, async (at) => void made.push(await connect(at)));
  const connected = await memoryNow();
  tell({ line: `${handles} handles are connected` });

  let open: Memory | undefined;
  for (let at = 0; at < handles; at += wave) {
    const some = made.slice(at, at + wave);
    await inLanes(some.length, (which) => use(some[which] as Sandbox));
    open ??= await memoryNow();
    tell({ line: `${at + some.length} have been used` });
    await untilSockets(lanes);
  }
  const idle = await memoryNow();
  tell({ memory: { handles, wave, before, connected, open: open ?? idle, idle } });
  await Promise.all([first, ...made].map((sandbox) => sandbox.disconnect()));
}
process.disconnect?.();

/** Calls it for 0 to `count` - 1, so many at the same time as there are lanes. */
async function inLanes(count: number, act: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const at = next;
      next += 1;
      await act(at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
}

/** Until only so many connections are left as ordinary calls keep. */
async function untilSockets(most: number): Promise<void> {
  await waitFor({
    what: 'the streams to be closed',
    timeoutMs: idleTimeoutMs,
    everyMs: 250,
    signal,
    look: async () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCPSocket')).length,
    until: (sockets) => sockets <= most,
  });
}

async function memoryNow(): Promise<Memory> {
  // What ended in this turn is let go of in the next ones.
  for (let at = 0; at < 4; at += 1) {
    await turn();
    globalThis.gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heldBytes: heapUsed + external };
}
