import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAccess } from '@ephemera/kube';
import { openApiServer, type ApiServer } from '../api-server.ts';
import type { BenchOptions, Measured } from '../benchmark.ts';
import { clusterOf } from '../cluster.ts';
import { startChild } from '../environments/child.ts';
import { startServer } from '../environments/server.ts';
import type { Figure } from '../figures.ts';
import { namespacesLeft } from '../jobs/namespace.ts';
import { figuresOf } from './aims.ts';
import { measureEndpoint } from './endpoint.ts';
import type { Arrival } from './open-loop.ts';
import { podlessNamespace } from './podless-namespace.ts';
import { processorSeconds } from './processor-time.ts';
import { measureRaw } from './raw.ts';

const perSecond = 50;
/** Before what is measured: connections are made, code is compiled, caches are filled. */
const warmUp = 50;
/** More than can be under way at this rate, so that none waits for another in the client. */
const connections = 256;

interface Place {
  readonly api: ApiServer;
  readonly count: number;
  readonly kubeconfigPath: string | undefined;
  readonly options: BenchOptions;
}

/** Creates jobs by the endpoint of a real server at 50 a second, and by one POST each at the same rate, half of those before and half after. */
export async function prJobs(options: BenchOptions): Promise<Measured> {
  const { counts, context, signal, say } = options;
  const figures: Figure[] = [];
  const leftovers: string[] = [];
  await using stack = new AsyncDisposableStack();
  const { kubeconfigPath } = stack.use(await clusterOf({ context, signal, say }));
  const access = findAccess({ context, kubeconfigPath });
  say(`Measured on ${access.source}`);
  const api = stack.use(await openApiServer(access, connections));
  for (const count of counts) {
    say(`\n${count} creations, ${perSecond} a second`);
    const place = { api, count, kubeconfigPath, options };
    const before = await rawPhase(place, Math.ceil(count / 2), leftovers);
    const { created, cpuSeconds } = await endpointPhase(place, leftovers);
    const after = await rawPhase(place, Math.floor(count / 2), leftovers);
    figures.push(...figuresOf({ raw: [...before, ...after], created, perSecond, cpuSeconds }));
    tellProblems(created, say);
  }
  return { figures, leftovers };
}

async function rawPhase({ api, options }: Place, count: number, leftovers: string[]): Promise<readonly Arrival[]> {
  const { signal, say } = options;
  const instance = newInstance();
  let arrivals: readonly Arrival[];
  {
    await using namespace = await podlessNamespace({ api, instance, signal });
    arrivals = (await measureRaw({ api, namespace: namespace.name, count: warmUp + count, perSecond, signal })).slice(
      warmUp,
    );
  }
  say(`  raw: ${count} Jobs`);
  leftovers.push(...(await namespacesLeft(api, instance)));
  return arrivals;
}

interface Created {
  readonly created: readonly Arrival[];
  readonly cpuSeconds: number;
}

async function endpointPhase(place: Place, leftovers: string[]): Promise<Created> {
  const { api, count, kubeconfigPath, options } = place;
  const { context, profile, signal, say } = options;
  const instance = newInstance();
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-bench-'));
  // As root the database runs as another user, who has to get in.
  chmodSync(folder, 0o755);
  let measured: Created;
  try {
    await using namespace = await podlessNamespace({ api, instance, signal });
    const settings = {
      DATA_DIR: folder,
      ...(kubeconfigPath === undefined ? {} : { KUBECONFIG_PATH: kubeconfigPath }),
      PORT: '0',
      LOG_LEVEL: 'warn',
      PR_JOBS_NAMESPACES: namespace.name,
      // What is measured is how fast it can be, not how fast one caller may be.
      PR_JOBS_PER_MINUTE: '1000000',
    };
    await using server = await startServer({ settings, context, profile });
    const caller = { url: server.url, token: await tokenOf(settings), namespace: namespace.name, perSecond, signal };
    await measureEndpoint({ ...caller, prefix: 'warm', count: warmUp });
    const before = processorSeconds(server.child.pid);
    const created = await measureEndpoint({ ...caller, prefix: 'bench', count });
    measured = { created, cpuSeconds: processorSeconds(server.child.pid) - before };
    say(`  endpoint: ${count} creations`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  leftovers.push(...(await namespacesLeft(api, instance)));
  if (existsSync(folder)) leftovers.push(`Folder//${folder}`);
  return measured;
}

/** Made as a user makes one, beside the running server. */
async function tokenOf(env: Readonly<Record<string, string>>): Promise<string> {
  const args = ['token', 'create', '--name', 'bench', '--scopes', 'pr-jobs:create'];
  await using command = startChild({ args, env });
  return (await command.line(/^eph_\S+$/, 30_000))[0];
}

function newInstance(): string {
  return `bench-${randomBytes(4).toString('hex')}`;
}

/** Some reasons: what went wrong is worth more than how often, which is a figure. */
function tellProblems(arrivals: readonly Arrival[], say: (line: string) => void): void {
  const problems = arrivals.map(({ problem }) => problem).filter((problem) => problem !== undefined);
  for (const problem of new Set(problems.slice(0, 3))) say(`  failed: ${problem}`);
}
