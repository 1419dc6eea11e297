import type { PullView } from '@ephemera/fake-github';

/** What GitHub shows of one pull request, and what a test did to it. */
export interface PullTruth {
  readonly name: string;
  readonly repositoryId: number;
  readonly number: number;
  readonly view: Pick<PullView, 'state' | 'head' | 'comments' | 'statuses' | 'checks'>;
  /** How often it was closed. */
  readonly closes: number;
}

export interface EnvironmentTruth {
  readonly repositoryId: number;
  readonly prNumber: number;
  readonly generation: number;
  readonly status: string;
  readonly wantedState: string;
  readonly commitSha: string;
  readonly namespace: string;
}

/** The whole world at one moment, read from GitHub, the database and the cluster. */
export interface WorldTruth {
  readonly pulls: readonly PullTruth[];
  readonly environments: readonly EnvironmentTruth[];
  /** All namespaces with our mark. */
  readonly namespaces: readonly { readonly name: string; readonly terminating: boolean }[];
  readonly openLedgerLines: number;
}

/**
 * What must never be, at any moment, faults or not: a second live environment, a generation that ended although nobody closed its pull
 * request, a second comment, a second check run. Pure.
 */
export function violations({ pulls, environments, namespaces }: WorldTruth): string[] {
  return pulls.flatMap((pull) => {
    const own = ofPull(environments, pull);
    const live = own.filter(({ namespace }) =>
      namespaces.some(({ name, terminating }) => name === namespace && !terminating),
    );
    const wanted = own.filter(({ wantedState }) => wantedState === 'open');
    const liveAndWanted = live.filter(({ wantedState }) => wantedState === 'open');
    const ended = own.length - wanted.length;
    const doubled = duplicates(pull.view.checks.map(({ sha, name }) => `${name} on ${sha.slice(0, 7)}`));
    return [
      wanted.length > 1 && `${pull.name} has ${wanted.length} environments that are wanted`,
      liveAndWanted.length > 1 && `${pull.name} has ${liveAndWanted.length} living environments`,
      ended > pull.closes &&
        `${pull.name} was closed ${pull.closes} times, and ${ended} of its environments were ended`,
      pull.view.comments.length > 1 && `${pull.name} has ${pull.view.comments.length} comments`,
      doubled.length > 0 && `${pull.name} has more than one check run ${doubled.join(', ')}`,
    ].filter((problem) => problem !== false);
  });
}

/** What is not yet as GitHub's pull requests ask for; empty when everything has converged. Pure. */
export function unsettled(world: WorldTruth): string[] {
  const { pulls, environments, namespaces } = world;
  const expected = new Set<string>();
  const problems = pulls.flatMap((pull) => {
    const own = ofPull(environments, pull);
    const newest = own.toSorted((a, b) => b.generation - a.generation)[0];
    const told = pull.view.statuses.findLast(({ sha }) => sha === pull.view.head.sha);
    const said = `${told?.state}: ${told?.description}`;
    if (pull.view.state === 'open') {
      if (!newest) return [`${pull.name} is open and has no environment`];
      expected.add(newest.namespace);
      return [
        newest.status !== 'ready' && `${pull.name} is open and its environment is ${newest.status}`,
        newest.commitSha !== pull.view.head.sha && `${pull.name} is at an old commit`,
        said !== 'success: The environment is ready' && `GitHub says of ${pull.name}: ${said}`,
        pull.view.comments.length === 0 && `${pull.name} has no comment`,
      ].filter((problem) => problem !== false);
    }
    // Opened and closed while nobody heard of it: there is nothing to remove and nothing to tell.
    if (!newest) return [];
    return [
      newest.status !== 'destroyed' && `${pull.name} is closed and its environment is ${newest.status}`,
      said !== 'success: Removed' && `GitHub says of the closed ${pull.name}: ${said}`,
    ].filter((problem) => problem !== false);
  });
  const present = namespaces.map(({ name }) => name);
  return [
    ...problems,
    ...present.filter((name) => !expected.has(name)).map((name) => `namespace ${name} is left over`),
    ...[...expected].filter((name) => !present.includes(name)).map((name) => `namespace ${name} is missing`),
    ...(world.openLedgerLines === expected.size ? [] : [`the ledger has ${world.openLedgerLines} open lines`]),
    ...violations(world),
  ];
}

const ofPull = (environments: readonly EnvironmentTruth[], { repositoryId, number }: PullTruth): EnvironmentTruth[] =>
  environments.filter((environment) => environment.repositoryId === repositoryId && environment.prNumber === number);

function duplicates(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
