import { seconds } from '../figures.ts';
import { waitFor } from '../wait.ts';
import { startGitHub } from './github.ts';
import { sendAll, type Sent } from './send.ts';
import { startServer, type Look, type Server } from './server.ts';

export interface ProductOptions {
  readonly count: number;
  readonly dataDir: string;
  readonly kubeconfigPath: string | undefined;
  readonly context: string | undefined;
  readonly profile: string | undefined;
  /** After a failure or Ctrl-C: asks the cluster to remove what carries the mark of this instance. */
  readonly removeAll: (instance: string) => Promise<void>;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Times in milliseconds, memory in MiB. */
export interface Product {
  readonly instance: string;
  readonly answers: readonly number[];
  /** For each environment: from its webhook to its row being ready. */
  readonly readies: readonly number[];
  readonly readyTotal: number;
  readonly goneTotal: number;
  readonly closeAnswers: readonly number[];
  /** From the first webhook until GitHub knows all. */
  readonly toldTotal: number;
  readonly writes: number;
  readonly memoryBefore: number;
  readonly memoryPeak: number;
  readonly stop: { readonly code: number | null; readonly ms: number };
}

const repositories = Array.from({ length: 10 }, (_, at) => `repository-${at}`);

/** The whole way: signed webhooks in, environments ready, pull requests closed, everything gone. */
export async function measureProduct(options: ProductOptions): Promise<Product> {
  const { count, signal, say } = options;
  let broken: string | undefined;
  await using stack = new AsyncDisposableStack();
  // Registered before the server, so that it runs when that one makes nothing any more.
  stack.defer(async () => {
    if (broken !== undefined) await options.removeAll(broken);
  });
  const github = stack.use(await startGitHub(signal));
  const server = stack.use(
    await startServer({
      context: options.context,
      profile: options.profile,
      settings: {
        ...github.settings,
        DATA_DIR: options.dataDir,
        ...(options.kubeconfigPath === undefined ? {} : { KUBECONFIG_PATH: options.kubeconfigPath }),
        PORT: '0',
        LOG_LEVEL: 'warn',
        // GitHub's own limits are GitHub's: here it is the server that is measured.
        GITHUB_WRITES_PER_MINUTE: '1000000',
        GITHUB_WRITES_PER_HOUR: '1000000',
      },
    }),
  );
  broken = server.instance;
  const url = `${server.url}/webhooks/github`;
  const opened = await github.open(count, repositories);
  const memoryBefore = server.memory().now;
  say(`  ${count} webhooks are signed; the server has ${memoryBefore.toFixed(0)} MiB`);

  const sent = await sendAll(url, opened);
  await until(options, server, 'ready');
  const ready = times(sent, await server.entered('ready'));
  say(`  ${count} ready in ${seconds(ready.total)}`);
  await waitFor({
    what: 'GitHub to be told',
    timeoutMs: 60_000 + count * 1_000,
    everyMs: 100,
    signal,
    look: () => server.look(),
    until: ({ forGitHub }) => forGitHub === 0,
    progress: ({ forGitHub }, ms) => say(`  GitHub: ${forGitHub} pull requests to be told, after ${seconds(ms)} more`),
  });
  const toldTotal = Date.now() - firstOf(sent);
  const writes = github.writes();

  const closing = await sendAll(url, await github.close(opened));
  await until(options, server, 'destroyed');
  const gone = times(closing, await server.entered('destroyed'));
  say(`  ${count} gone in ${seconds(gone.total)}`);
  const memoryPeak = server.memory().peak;
  const stop = await server.child.stop();
  broken = undefined;
  return {
    instance: server.instance,
    answers: sent.map(({ ms }) => ms),
    readies: ready.each,
    readyTotal: ready.total,
    goneTotal: gone.total,
    closeAnswers: closing.map(({ ms }) => ms),
    toldTotal,
    writes,
    memoryBefore,
    memoryPeak,
    stop,
  };
}

async function until(
  { count, signal, say }: ProductOptions,
  server: Server,
  status: 'ready' | 'destroyed',
): Promise<Look> {
  return waitFor({
    what: `${count} environments to be ${status}`,
    timeoutMs: 120_000 + count * 2_000,
    everyMs: 100,
    signal,
    look: () => server.look(),
    until: (look) => look[status] === count,
    progress: (look, ms) => say(`  ${look[status]} of ${count} ${status} after ${seconds(ms)}`),
  });
}

/** From each webhook to its environment's state, and from the first webhook to the last environment. */
function times(sent: readonly Sent[], entered: ReadonlyMap<string, number>): { each: number[]; total: number } {
  const each = sent.map(({ repository, number, at }) => (entered.get(`${repository}#${number}`) ?? Number.NaN) - at);
  return { each, total: Math.max(...entered.values()) - firstOf(sent) };
}

function firstOf(sent: readonly Sent[]): number {
  return Math.min(...sent.map(({ at }) => at));
}
