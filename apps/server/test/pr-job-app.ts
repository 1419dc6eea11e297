import { createToken } from '../src/tokens/tokens.ts';
import type { TokenOrder } from '../src/tokens/order.ts';
import { createClusters } from '../src/pr-jobs/clusters.ts';
import { policyOf } from '../src/pr-jobs/policy.ts';
import { readSettings } from '../src/settings.ts';
import { startApp, type TestApp } from './app.ts';
import { startObjectServer, type ObjectServer } from './object-server.ts';

export interface PrJobAnswered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: {
    readonly error?: string;
    readonly code?: string;
    readonly details?: unknown;
    readonly message?: string;
    readonly job?: { readonly jobName: string; readonly created: boolean; readonly profile: string };
    readonly status?: { readonly jobName: string; readonly status: string };
    readonly removed?: readonly string[];
  };
}

/** One token: asks with it. */
export interface Asking {
  post(body: object, headers?: Readonly<Record<string, string>>): Promise<PrJobAnswered>;
  events(query: string): Promise<Readonly<Record<string, unknown>>[]>;
  get(url: string): Promise<PrJobAnswered>;
}

/** The routes of pull-request jobs on an API server that keeps objects, with the namespaces `default` and `builds`. */
export interface PrJobApp extends AsyncDisposable {
  readonly server: TestApp;
  readonly cluster: ObjectServer;
  /** Asks as the holder of a new token. Default: one that may do everything with jobs. */
  as(order?: Partial<TokenOrder>): Promise<Asking>;
  /** The names of the Jobs that are there. */
  jobs(): string[];
}

export const url = '/api/kubernetes/pr-jobs';
const scopes = ['pr-jobs:create', 'pr-jobs:status', 'pr-jobs:logs', 'pr-jobs:cleanup'];

/** Also clusters by name, whose kubeconfigs may lead to the address of the server's own. */
export async function startPrJobApp(
  settings: Readonly<Record<string, string>> = {},
  environmentOf: (ownAddress: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<PrJobApp> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await startObjectServer());
  for (const name of ['default', 'builds'])
    cluster.objects.set(`/api/v1/namespaces/${name}`, { kind: 'Namespace', metadata: { name, uid: name } });
  const read = readSettings({ PR_JOBS_NAMESPACES: 'default,builds,missing', ...settings });
  const policy = policyOf(read);
  const clusters = stack.use(
    createClusters({
      own: cluster.cluster,
      ownNames: ['here'],
      instance: 'a1',
      environment: environmentOf(cluster.cluster.server),
      allowed: read.PR_JOBS_CLUSTERS,
    }),
  );
  const server = stack.use(await startApp({ cluster: cluster.cluster, prJobs: { clusters, instance: 'a1', policy } }));
  let made = 0;
  const owned = stack.move();
  return {
    server,
    cluster,
    as: async (order = {}) => {
      const name = `ci-${(made += 1)}`;
      const { text } = await createToken(server.database.db, { name, scopes, ...order });
      const authorization = `Bearer ${text}`;
      const answered = async (answer: Awaited<ReturnType<TestApp['app']['inject']>>): Promise<PrJobAnswered> => ({
        status: answer.statusCode,
        headers: answer.headers,
        body: JSON.parse(answer.body) as PrJobAnswered['body'],
      });
      const get = async (address: string) =>
        answered(await server.app.inject({ url: address, headers: { authorization } }));
      return {
        post: async (body, headers = {}) =>
          answered(
            await server.app.inject({ method: 'POST', url, payload: body, headers: { authorization, ...headers } }),
          ),
        get,
        events: async (query) =>
          (await get(`${url}/events?${query}`)).body as unknown as Readonly<Record<string, unknown>>[],
      };
    },
    jobs: () =>
      [...cluster.objects.keys()]
        .filter((path) => path.includes('/jobs/'))
        .map((path) => path.slice(path.lastIndexOf('/') + 1)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
