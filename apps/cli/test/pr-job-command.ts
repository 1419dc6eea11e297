import { randomBytes } from 'node:crypto';
import { startFakeGitHub, type FakeRepository } from '@ephemera/fake-github';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { run, start, type Finished, type Running } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { startUp, tokenOf } from './up.ts';

const { EPHEMERA_TEST_KUBECONFIG: KUBECONFIG_PATH, EPHEMERA_TEST_CONTEXT: context } = process.env;

export type Way = 'server' | 'cluster';
export const ways: readonly Way[] = ['server', 'cluster'];

/** Pods that end, and the cluster's own removal, in their own time. */
export const patience = { timeout: 90_000, interval: 200 };

export const audience = 'https://ephemera.example';

/** A server on the tests' cluster, and namespaces in which it makes pull-request jobs. Disposing removes them with what is in them. */
export interface PrJobWorld extends AsyncDisposable {
  readonly url: string;
  /** The next namespace that nobody has used. */
  readonly namespace: () => string;
  /** A repository whose workflows the server believes. */
  readonly repository: FakeRepository;
  readonly token: (scopes: string) => Promise<string>;
  /** `ephemera pr-job …`, with a token that may do everything, or directly. */
  readonly prJob: (way: Way, args: readonly string[]) => Promise<Finished>;
  readonly startPrJob: (way: Way, args: readonly string[]) => Running;
  /** The same with another environment. */
  readonly prJobWith: (environment: Readonly<Record<string, string>>, args: readonly string[]) => Promise<Finished>;
}

const freshName = () => `cli-pr-${randomBytes(5).toString('hex')}`;

export async function startPrJobWorld(
  count: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<PrJobWorld> {
  await using stack = new AsyncDisposableStack();
  const namespaces = Array.from({ length: count }, freshName);
  const unused = [...namespaces];
  stack.defer(async () => {
    await kubectl(['delete', 'namespace', ...namespaces, '--ignore-not-found', '--timeout=110s']);
  });
  for (const name of namespaces) await kubectl(['create', 'namespace', name]);
  const github = stack.use(await startFakeGitHub({ port: 0 }));
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const dataDir = stack.use(temporaryFolder('pr-job'));
  const server = stack.use(
    await startUp({
      ...github.settings,
      DATA_DIR: dataDir.path,
      PR_JOBS_NAMESPACES: namespaces.join(','),
      PR_JOBS_IMAGES: 'busybox:1,docker:*',
      PR_JOBS_PER_MINUTE: '1000',
      OIDC_AUDIENCE: audience,
      OIDC_REPOSITORY_IDS: String(repository.id),
      ...settings,
    }),
  );
  const { url } = server;
  const token = (scopes: string) => tokenOf(dataDir.path, scopes);
  const all = await token('pr-jobs:create,pr-jobs:status,pr-jobs:logs,pr-jobs:cleanup');
  const environmentOf = (way: Way): Record<string, string | undefined> =>
    way === 'server' ? { EPHEMERA_URL: url, EPHEMERA_TOKEN: all } : { KUBECONFIG_PATH };
  const words = (way: Way, args: readonly string[]) => [
    'pr-job',
    ...args,
    ...(way === 'cluster' && context !== undefined ? ['--context', context] : []),
  ];
  const owned = stack.move();
  return {
    url,
    namespace: () => unused.pop() ?? fail(),
    repository,
    token,
    prJob: (way, args) => run(words(way, args), environmentOf(way)),
    startPrJob: (way, args) => start(words(way, args), environmentOf(way)),
    prJobWith: (environment, args) => run(['pr-job', ...args], { EPHEMERA_URL: url, ...environment }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function fail(): never {
  throw new Error('more namespaces are used than were made');
}
