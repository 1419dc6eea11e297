import type { FakeGitHub, FakePull } from '@ephemera/fake-github';
import { connectCluster, instanceOwner, findAccess } from '@ephemera/kube';
import { expect } from 'vitest';
import { leftovers } from '../../src/ledger/leftovers.ts';
import { openDatabase, type Database } from '../../src/store/database.ts';
import { instanceId } from '../../src/store/instance.ts';
import { cloneDatabase } from '../database.ts';
import { startServerProcess, type ServerProcess } from '../server-process.ts';
import { soon, told } from '../world.ts';
import { startGitHubProxy, type GitHubProxy } from './github-proxy.ts';
import { startKubeProxy, type KubeProxy } from './kube-proxy.ts';
import { startPostgresProxy, type Behind, type PostgresProxy } from './postgres-proxy.ts';

/** A real server as a process of its own, with a proxy before each of the three that it talks to. */
export interface Stage extends AsyncDisposable {
  readonly github: FakeGitHub;
  readonly api: GitHubProxy;
  readonly cluster: KubeProxy;
  readonly postgres: PostgresProxy;
  /** The server's database, beside the proxy. */
  readonly db: Database;
  /** Starts a server on all of it, and sends GitHub's webhooks there. All that still run are stopped at the end. */
  start(): Promise<ServerProcess>;
  /** What is left with this instance's mark, in the cluster and in the ledger; asked beside the proxies. */
  leftovers(): Promise<string[]>;
}

export interface StageOptions {
  readonly github: FakeGitHub;
  readonly settings?: Readonly<Record<string, string>>;
  /** A PostgreSQL of the test's own. Default: a clone in the one that all tests share. */
  readonly behind?: Behind;
}

/** Long enough for a busy machine, short enough to end. */
export const patience = { timeout: 90_000, interval: 100 };

/** Hundreds of lives share what GitHub allows one installation; and what is not awaited should not happen by chance. */
const usual = {
  // Soon over after a kill, and still not lost while a dozen processes start at once.
  WORK_LEASE_SECONDS: '3',
  GITHUB_WRITES_PER_MINUTE: '1000000',
  GITHUB_WRITES_PER_HOUR: '1000000',
  SWEEP_EVERY_SECONDS: '86400',
  // A restarted server has another port, and would write other addresses.
  PUBLIC_PORT: '80',
};

export async function setStage({ github, settings = {}, behind }: StageOptions): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const db =
    behind === undefined
      ? stack.use(await cloneDatabase())
      : {
          address: behind,
          db: stack.adopt(
            openDatabase(behind, () => {}, 2),
            (opened) => opened.destroy(),
          ),
        };
  const postgres = stack.use(await startPostgresProxy(db.address as Behind));
  const cluster = stack.use(await startKubeProxy());
  const api = stack.use(await startGitHubProxy(github));
  const owned = stack.move();
  return {
    github,
    api,
    cluster,
    postgres,
    db: db.db,
    start: async () => {
      const server = owned.use(
        await startServerProcess({
          ...api.settings,
          KUBECONFIG_PATH: cluster.kubeconfigPath,
          DATABASE_URL: postgres.url,
          ...usual,
          ...settings,
        }),
      );
      github.setWebhookUrl(`${server.url}/webhooks/github`);
      return server;
    },
    leftovers: async () => {
      const access = findAccess({
        kubeconfigPath: process.env.EPHEMERA_TEST_KUBECONFIG,
        context: process.env.EPHEMERA_TEST_CONTEXT,
      });
      await using direct = await connectCluster(access, instanceOwner(await instanceId(db.db, 'nobody')));
      return await leftovers(db.db, direct);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Sends again, under the same id, what nobody has acknowledged, as an App's owner would. Returns how many that were. */
export async function redeliver(github: FakeGitHub, pull: FakePull): Promise<number> {
  const deliveries = () => pull.view().deliveries;
  await soon(async () => expect(deliveries().filter(({ ms }) => ms === null)).toEqual([]), patience);
  const settled = new Set(deliveries().flatMap(({ id, status }) => (status === 202 ? [id] : [])));
  const lost = [...new Set(deliveries().map(({ id }) => id))].filter((id) => !settled.has(id));
  for (const id of lost) await github.redeliver(id);
  return lost.length;
}

/** Closes the pull requests, and proves that each had one environment and one comment, and that nothing is left of any. */
export async function endsWhole(stage: Stage, pulls: readonly FakePull[]): Promise<void> {
  for (const pull of pulls) await pull.close();
  await soon(async () => expect(pulls.map(told).filter((shown) => shown !== 'success: Removed')).toEqual([]), patience);
  const rows = await stage.db.selectFrom('environments').select(['prNumber', 'status']).orderBy('prNumber').execute();
  expect(rows).toEqual(pulls.map(({ number: prNumber }) => ({ prNumber, status: 'destroyed' })));
  expect(pulls.map((pull) => pull.comments().length)).toEqual(pulls.map(() => 1));
  await soon(async () => expect(await stage.leftovers()).toEqual([]), patience);
}
