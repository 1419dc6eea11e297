import type { FakePull } from '@ephemera/fake-github';
import type { Stage } from './stage.ts';

/** What is true at the end of a life, with times, ids and names replaced, so that two lives can be compared. */
export interface EndState {
  readonly environments: readonly object[];
  readonly deployments: readonly object[];
  readonly ledger: readonly object[];
  /** What is still there with the mark of this instance, in the cluster or in the ledger. */
  readonly leftovers: readonly string[];
  /** How many namespaces were ever asked for. */
  readonly namespacesMade: number;
  /** The last commit status of each SHA. */
  readonly statuses: Readonly<Record<string, string>>;
  readonly comments: readonly string[];
  readonly checkRuns: readonly object[];
  readonly deliveries: number;
  /** Work that is still waiting, except what the server does on a schedule. */
  readonly work: readonly object[];
}

export async function endOf({ db, cluster, leftovers }: Stage, pull: FakePull): Promise<EndState> {
  const view = pull.view();
  const environments = await db.selectFrom('environments').selectAll().orderBy('generation').execute();
  const deployments = await db.selectFrom('deployments').selectAll().orderBy('id').execute();
  const ledger = await db.selectFrom('ledger').selectAll().orderBy('id').execute();
  const shas = [...new Set(deployments.map(({ commitSha }) => commitSha))];
  const plain = plainText([
    ...shas.map((sha, index) => [sha, `{sha ${index + 1}}`] as const),
    ...shas.map((sha, index) => [sha.slice(0, 7), `{sha ${index + 1}}`] as const),
    ...environments.map(({ namespace, generation }) => [namespace, `{namespace ${generation}}`] as const),
    ...environments.map(({ host }) => [host, '{host}'] as const),
  ]);
  const named = cluster.calls
    .filter(({ method }) => method !== 'GET')
    .flatMap(({ path }) => /^\/api\/v1\/namespaces\/(pr-[^/?]+)/.exec(path)?.[1] ?? []);
  return {
    environments: environments.map(
      ({ status, generation, wantedState, wantedSha, commitSha, merged, reason, ...row }) => ({
        status,
        generation,
        wantedState,
        wantedSha: plain(wantedSha),
        commitSha: plain(commitSha),
        merged,
        reason,
        errorMessage: row.errorMessage,
      }),
    ),
    deployments: deployments.map(({ commitSha, status, errorMessage }) => ({
      commitSha: plain(commitSha),
      status,
      errorMessage,
    })),
    ledger: ledger.map(({ kind, name, goneAt }) => ({ kind, name: plain(name), gone: goneAt !== null })),
    leftovers: await leftovers(),
    namespacesMade: new Set(named).size,
    statuses: Object.fromEntries(
      view.statuses.map(({ sha, context, state, description }) => [
        `${plain(sha)} ${context}`,
        plain(`${state}: ${description}`),
      ]),
    ),
    comments: view.comments.map(({ body }) => plain(body)),
    checkRuns: view.checks.map(({ sha, name, status, conclusion, title }) => ({
      sha: plain(sha),
      name,
      status,
      conclusion,
      title: plain(title ?? ''),
    })),
    deliveries: (await db.selectFrom('deliveries').select('deliveryId').execute()).length,
    work: await db
      .selectFrom('work')
      .select(['kind', 'lastError'])
      .where('kind', 'in', ['pull-request', 'environment', 'report'])
      .execute(),
  };
}

function plainText(names: readonly (readonly [string, string])[]): (text: string) => string {
  return (text) =>
    names
      .reduce((changed, [name, plain]) => changed.replaceAll(name, plain), text)
      .replaceAll(/\b\d+(\.\d+)? (ms|s|min|h)\b/g, '{duration}')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d\d:\d\d(:\d\d)?\b/g, '{time}');
}
