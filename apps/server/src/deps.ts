import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { connectGitHub, type GitHub } from '@ephemera/github';
import { connectCluster, instanceOwner, findAccess, type Cluster } from '@ephemera/kube';
import type { EphemeraError } from '@ephemera/model';
import type { Logger } from 'pino';
import { useDatabase } from './backup/in-use.ts';
import { limitedGitHub } from './github-limits/limited.ts';
import { startEmbeddedPostgres } from './postgres/embedded.ts';
import type { Settings } from './settings.ts';
import { openDatabase, type Address, type Database } from './store/database.ts';
import { instanceId } from './store/instance.ts';
import { openMigrated } from './store/open-migrated.ts';

/** Everything that the server talks to, opened. Disposing closes it in reverse order. */
export interface Deps extends AsyncDisposable {
  readonly db: Database;
  /** A few connections for deliveries alone: GitHub waits for its answer, and must not wait behind the work. */
  readonly intakeDb: Database;
  readonly databaseAddress: Address;
  readonly databaseName: string;
  /** Settles when the database turned out to be another one, with the reason to end. */
  readonly databaseLost: Promise<EphemeraError>;
  /** The processes that were started for this and still run. */
  readonly processes: () => string[];
  readonly instance: string;
  readonly cluster: Cluster;
  /**
   * The same cluster for pull-request jobs, over a connection of its own: when it asks their many calls for patience, environments are
   * not held up.
   */
  readonly jobsCluster: Cluster;
  /** The same for sandboxes: each that is used holds a stream for as long as somebody is connected to it. */
  readonly sandboxesCluster: Cluster;
  readonly clusterName: string;
  /** Within its limits, which all servers of this database share. */
  readonly github: GitHub | undefined;
  /** Distinguishes this process from every other one that ever worked on the same database. */
  readonly workerId: string;
}

export interface ConnectOptions {
  /** A context that has to exist in the kubeconfig. Default: as the settings say. */
  readonly context?: string | undefined;
  readonly log: Logger;
}

const intakeConnections = 4;
/** Into sandboxes, at the same time: two files a stream, within those that a process may have open. */
const mostStreams = 1_000;

export async function connect(settings: Settings, { context, log }: ConnectOptions): Promise<Deps> {
  await using stack = new AsyncDisposableStack();
  // First what can be wrong on paper: a server that cannot work should not leave a database behind.
  const access = findAccess({
    kubeconfigPath: settings.KUBECONFIG_PATH,
    context,
    preferredContext: settings.CLUSTER_NAME,
  });
  const connected = settings.github && connectGitHub(settings.github);

  const embedded =
    settings.DATABASE_URL === undefined
      ? stack.use(await startEmbeddedPostgres({ dataDir: settings.dataDir, log }))
      : undefined;
  const databaseAddress = embedded?.address ?? { connectionString: settings.DATABASE_URL ?? '' };
  // Before anything is read: a restore exchanges all of it.
  const use = stack.use(await useDatabase(databaseAddress, log));
  const onIdleError = (error: Error): void => log.warn({ err: error }, 'an idle database connection broke');
  const db = await openMigrated(databaseAddress, onIdleError);
  stack.defer(() => db.destroy());
  const intakeDb = openDatabase(databaseAddress, onIdleError, intakeConnections);
  stack.defer(() => intakeDb.destroy());
  const instance = await instanceId(db, randomBytes(6).toString('hex'));
  use.expect(instance);
  const cluster = stack.use(await connectCluster(access, instanceOwner(instance)));
  const jobsCluster = stack.use(await connectCluster(access, instanceOwner(instance)));
  const sandboxesCluster = stack.use(await connectCluster(access, instanceOwner(instance), { mostStreams }));
  const limits = { perMinute: settings.GITHUB_WRITES_PER_MINUTE, perHour: settings.GITHUB_WRITES_PER_HOUR };
  const github = connected && limitedGitHub({ github: connected, db, limits, log });

  const owned = stack.move();
  return {
    db,
    intakeDb,
    databaseAddress,
    databaseName: embedded ? `embedded PostgreSQL in ${settings.dataDir}` : 'DATABASE_URL',
    databaseLost: use.lost,
    processes: () => embedded?.processes() ?? [],
    instance,
    cluster,
    jobsCluster,
    sandboxesCluster,
    clusterName: settings.CLUSTER_NAME ?? cluster.name,
    github,
    workerId: `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
