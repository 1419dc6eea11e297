import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCluster, findAccess } from '@ephemera/kube';
import { clusterHost } from '@ephemera/sandbox';
import { openApiServer, type ApiServer } from '../api-server.ts';
import type { BenchOptions, Measured } from '../benchmark.ts';
import { cacheFolder, clusterOf } from '../cluster.ts';
import type { Figure } from '../figures.ts';
import { benchNamespace, namespacesLeft } from '../jobs/namespace.ts';
import { profiled } from '../jobs/profile.ts';
import { atOnceFigures, coldFigures, handlesFigures, transferFigures, warmFigures } from './aims.ts';
import { measureAtOnce } from './at-once.ts';
import { measureCold, type Starts } from './cold.ts';
import { measureHandles } from './handles.ts';
import { kubectlOf } from './kubectl.ts';
import { definitionName, isOfBench, presentDefinition } from './peer/definition.ts';
import { startPeer } from './peer/peer.ts';
import type { Place } from './place.ts';
import { measureTransfers, transferBytes } from './transfer.ts';
import { extentFor } from './turns.ts';
import { measureWarm } from './warm.ts';

/** As many as are made at once by the usual count, so that none waits for another in this process. */
const connections = 50;

/** Starts sandboxes one by one and many at once, uses them, and does the same by bare pods, by kubectl, and by a peer. */
export async function sandboxes(options: BenchOptions): Promise<Measured> {
  const { counts, context, profile, signal, say } = options;
  const figures: Figure[] = [];
  await using stack = new AsyncDisposableStack();
  const { kubeconfigPath } = stack.use(await clusterOf({ context, signal, say }));
  const access = findAccess({ context, kubeconfigPath });
  say(`Measured on ${access.source}`);
  const instance = `bench-${randomBytes(4).toString('hex')}`;
  const api = stack.use(await openApiServer(access, connections));
  const cluster = stack.use(await connectCluster(access));
  const folder = await mkdtemp(join(tmpdir(), 'ephemera-bench-'));
  try {
    await using namespace = await benchNamespace({ api, instance, signal });
    await createAccount(api, namespace.name);
    const place: Place = {
      api,
      cluster,
      host: clusterHost({ cluster, namespace: namespace.name }),
      namespace: namespace.name,
      kubectl: kubectlOf({ cache: cacheFolder(), context, kubeconfigPath, folder: join(folder, 'kubectl'), signal }),
      signal,
      say,
    };
    const { rounds, transfers, handles } = extentFor(Math.max(...counts));
    say(`\n${rounds} starts of each way`);
    figures.push(...coldFigures(await coldStarts({ place, rounds, instance, options, kubeconfigPath })));
    say('\nCommands in one sandbox');
    figures.push(...warmFigures(await measureWarm(place)));
    for (const count of counts) {
      say(`\n${count} at once`);
      const crowds = await profiled(profile, `sandboxes-${count}`, () => measureAtOnce(place, count));
      figures.push(...atOnceFigures(count, crowds));
    }
    say('\n100 MB');
    const transferred = await profiled(profile, 'sandboxes-files', () =>
      measureTransfers(place, { rounds: transfers, folder }),
    );
    figures.push(...transferFigures(transferred, transferBytes));
    say(`\n${handles} handles`);
    figures.push(...handlesFigures(await measureHandles(place, { handles, context, kubeconfigPath })));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { figures, leftovers: await leftoversOf({ api, instance, folder }) };
}

interface ColdRun {
  readonly place: Place;
  readonly rounds: number;
  readonly instance: string;
  readonly options: BenchOptions;
  readonly kubeconfigPath: string | undefined;
}

/** The peer runs only meanwhile: the other parts are measured without its controller beside them. */
async function coldStarts({ place, rounds, instance, options, kubeconfigPath }: ColdRun): Promise<Starts> {
  const { api, signal, say } = place;
  if (options.context !== undefined || kubeconfigPath === undefined) {
    say('Without agent-sandbox: it is put into the local cluster only');
    return measureCold(place, { rounds, withPeer: false });
  }
  await using peer = await startPeer({ api, cache: cacheFolder(), kubeconfigPath, instance, signal, say });
  if (peer === undefined) say('Without agent-sandbox: this cluster has one that is not of this bench');
  // Awaited here: else the peer would be gone before the first start.
  return await measureCold(place, { rounds, withPeer: peer !== undefined });
}

/** What users get by `kubectl apply -f k8s/rbac/k8s.yaml`, as far as a sandbox needs it. */
async function createAccount(api: ApiServer, namespace: string): Promise<void> {
  await api.call('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'ci-fixer-sandbox', namespace },
    automountServiceAccountToken: false,
  });
}

interface Remains {
  readonly api: ApiServer;
  readonly instance: string;
  readonly folder: string;
}

async function leftoversOf({ api, instance, folder }: Remains): Promise<readonly string[]> {
  const definition = await presentDefinition(api);
  return [
    ...(await namespacesLeft(api, instance)),
    ...(definition !== undefined && isOfBench(definition) ? [`CustomResourceDefinition//${definitionName}`] : []),
    ...(existsSync(folder) ? [`Folder//${folder}`] : []),
  ];
}
