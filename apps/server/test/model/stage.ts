import { randomInt } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { startFakeGitHub, type FakeGitHub, type FakePull, type FakeRepository } from '@ephemera/fake-github';
import { connectCluster, instanceOwner, findAccess, type Cluster } from '@ephemera/kube';
import { cloneDatabase, type TestDatabase } from '../database.ts';
import { startKubeProxy, type KubeProxy } from '../faults/kube-proxy.ts';
import { startPostgresProxy, type PostgresProxy } from '../faults/postgres-proxy.ts';
import { startServerProcess, type ServerProcess } from '../server-process.ts';
import { soon } from '../world.ts';
import { unsettled, violations, type PullTruth, type WorldTruth } from './problems.ts';

/** A real server process between a GitHub, a PostgreSQL and a cluster that can all be made to fail. It can be killed at any time. */
export interface Stage extends AsyncDisposable {
  readonly github: FakeGitHub;
  readonly kube: KubeProxy;
  readonly postgres: PostgresProxy;
  readonly database: TestDatabase;
  /** `kill -9`, if it runs. */
  crash(): Promise<void>;
  /** Starts the server where the last one was, if none runs. */
  start(): Promise<void>;
  open(repository: FakeRepository, input: Parameters<FakeRepository['open']>[0]): Promise<Pull>;
  readonly pulls: readonly Pull[];
  truth(): Promise<WorldTruth>;
  /** Waits until everything is as GitHub's pull requests ask for. */
  settled(timeoutMs?: number): Promise<void>;
  /** What is wrong right now and should never be. */
  violated(): Promise<string[]>;
}

/** One pull request of a test. Counts what was done to it. */
export interface Pull {
  readonly handle: FakePull;
  readonly repository: FakeRepository;
  readonly closes: number;
  close(): Promise<void>;
}

export async function openStage(settings: Readonly<Record<string, string>> = {}): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const github = stack.use(await startFakeGitHub({ port: 0 }));
  const kube = stack.use(await startKubeProxy());
  const database = stack.use(await cloneDatabase());
  const postgres = stack.use(await startPostgresProxy(behind(database)));
  const port = await freePort();
  github.setWebhookUrl(`http://127.0.0.1:${port}/webhooks/github`);
  const pulls: Pull[] = [];
  let server: ServerProcess | undefined;

  async function start(): Promise<void> {
    server ??= await startServerProcess({
      ...github.settings,
      KUBECONFIG_PATH: kube.kubeconfigPath,
      DATABASE_URL: postgres.url,
      PORT: String(port),
      WORK_LEASE_SECONDS: '2',
      SWEEP_EVERY_SECONDS: '2',
      GITHUB_WRITES_PER_MINUTE: '100000',
      GITHUB_WRITES_PER_HOUR: '1000000',
      ...settings,
    });
  }

  async function crash(): Promise<void> {
    const running = server;
    server = undefined;
    await running?.kill();
  }

  async function truth(): Promise<WorldTruth> {
    const { items } = await cluster.list('v1/Namespace', { labelSelector: cluster.ours });
    const ledger = await database.db.selectFrom('ledger').select('id').where('goneAt', 'is', null).execute();
    return {
      pulls: pulls.map(truthOf),
      environments: await database.db.selectFrom('environments').selectAll().execute(),
      namespaces: items.map(({ metadata }) => ({
        name: metadata.name,
        terminating: metadata.deletionTimestamp !== undefined,
      })),
      openLedgerLines: ledger.length,
    };
  }

  stack.defer(crash);
  await start();
  const cluster = stack.use(await clusterOf(database));
  const owned = stack.move();
  return {
    github,
    kube,
    postgres,
    database,
    pulls,
    crash,
    start,
    truth,
    open: async (repository, input) => {
      const pull = counted(repository, await repository.open(input));
      pulls.push(pull);
      return pull;
    },
    settled: (timeoutMs = 90_000) =>
      soon(
        async () => {
          const problems = unsettled(await truth());
          if (problems.length > 0) throw new Error(`not settled:\n  ${problems.join('\n  ')}`);
        },
        { timeout: timeoutMs, interval: 100 },
      ),
    violated: async () => violations(await truth()),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The cluster itself, past the proxy, as the owner that the server is. */
async function clusterOf({ db }: TestDatabase): Promise<Cluster> {
  const { id: instance } = await db.selectFrom('instance').select('id').executeTakeFirstOrThrow();
  const access = findAccess({
    kubeconfigPath: process.env.EPHEMERA_TEST_KUBECONFIG,
    context: process.env.EPHEMERA_TEST_CONTEXT,
  });
  return connectCluster(access, instanceOwner(instance));
}

function counted(repository: FakeRepository, handle: FakePull): Pull {
  let closes = 0;
  return {
    handle,
    repository,
    get closes() {
      return closes;
    },
    close: async () => {
      // First, as the server may be faster than the answer.
      closes += 1;
      await handle.close();
    },
  };
}

function truthOf({ handle, repository, closes }: Pull): PullTruth {
  return {
    name: `${repository.fullName}#${handle.number}`,
    repositoryId: repository.id,
    number: handle.number,
    closes,
    view: handle.view(),
  };
}

function behind({ address }: TestDatabase): { host: string; user: string; database: string } {
  if ('connectionString' in address) throw new TypeError('the tests’ database is reached by a Unix socket');
  return address;
}

/** A port that a server can come back to. Not from the range that the system itself gives out, so that nobody else gets it meanwhile. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    const { port: taken } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    return taken;
  }
}
