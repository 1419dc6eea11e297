import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeGitHub, type FakeGitHub } from '@ephemera/fake-github';
import { connectCluster, instanceOwner, findAccess, type Cluster } from '@ephemera/kube';
import { startServer, type RunningServer } from '@ephemera/server';
import { readSettings } from '@ephemera/server/settings';
import { pino } from 'pino';
import type { Context } from '../context.ts';
import { givenCluster, localCluster } from './cluster.ts';
import type { Summary } from './summary.ts';
import type { Terminal } from './terminal.ts';

/** Everything that the play needs, running. Disposing takes down what was started, in reverse order. */
export interface Stage extends AsyncDisposable {
  readonly server: RunningServer;
  /** What asks this server's API: its address, and a token that may do everything there. Shown to the user of a demo that stays up, and kept nowhere. */
  readonly api: { readonly EPHEMERA_URL: string; readonly EPHEMERA_TOKEN: string };
  readonly github: FakeGitHub;
  readonly cluster: Cluster;
  /** Words of a command that looks into the cluster. */
  readonly kubectl: string;
  /** After disposing: processes and clusters that should be gone and are not, as `kind//name`. */
  processesLeft(): Promise<string[]>;
}

export interface StageOptions {
  readonly context: string | undefined;
  readonly terminal: Terminal;
  readonly summary: Summary;
  readonly signal: AbortSignal;
}

/** The port that README and people know; a demo beside a running server takes a free one. */
const usualPort = 3001;

export async function buildStage(command: Context, options: StageOptions): Promise<Stage> {
  const { context, terminal, summary, signal } = options;
  await using stack = new AsyncDisposableStack();
  let phaseStartedAt = performance.now();
  function phaseDone(name: string, detail: string, ms = performance.now() - phaseStartedAt): void {
    summary.phases.push({ name, ms: Math.round(ms) });
    terminal.done(name, ms, detail);
    phaseStartedAt = performance.now();
  }

  terminal.heading('Setting up');
  const installMs = Number(command.environment['EPHEMERA_INSTALL_MS'] ?? 0);
  phaseDone(
    'install',
    installMs === 0 ? 'dependencies were there' : `Node ${process.versions.node} and the dependencies`,
    installMs,
  );

  const kube = stack.use(
    context === undefined
      ? await localCluster(command, { terminal, signal })
      : givenCluster(context, command.environment['KUBECONFIG_PATH']),
  );
  signal.throwIfAborted();
  phaseDone('cluster', kube.description);

  const github = stack.use(await startFakeGitHub({ port: 0 }));
  const settings = readSettings({
    ...github.settings,
    KUBECONFIG_PATH: kube.kubeconfigPath,
    DATA_DIR: stack.adopt(temporaryDataDir(), (folder) => rmSync(folder, { recursive: true, force: true })),
    PORT: String((await isFree(usualPort)) ? usualPort : 0),
    LOG_LEVEL: 'warn',
  });
  const log = pino({ level: settings.LOG_LEVEL }, pino.destination({ fd: 2, sync: true }));
  const onConnected = () => phaseDone('database', 'embedded PostgreSQL, made for this demo');
  const server = stack.use(await startServer(settings, { context, log, onConnected }));
  phaseDone('server', server.url);
  github.setWebhookUrl(`${server.url}/webhooks/github`);
  const token = await server.createToken({ name: 'demo', scopes: ['admin'] });

  const access = findAccess({ context, kubeconfigPath: settings.KUBECONFIG_PATH });
  const cluster = stack.use(await connectCluster(access, instanceOwner(server.instance)));
  const owned = stack.move();
  return {
    server,
    api: { EPHEMERA_URL: server.url, EPHEMERA_TOKEN: token },
    github,
    cluster,
    kubectl: kube.kubectl,
    processesLeft: async () => [...server.processes().map((name) => `Process//${name}`), ...(await kube.leftover())],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function temporaryDataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-demo-'));
  // As root the database runs as another user, who has to get in.
  chmodSync(folder, 0o755);
  return folder;
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port }, () => probe.close(() => resolve(true)));
  });
}
