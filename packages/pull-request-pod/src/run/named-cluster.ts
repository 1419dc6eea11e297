import { accessFromText, contextsInText, findAccess, type ClusterAccess, type KubeconfigText } from '@ephemera/kube';
import { messageOf } from '@ephemera/model';
import { PrJobClusterUnknown } from '../objects/errors.ts';
import { kubeconfigText } from './kubeconfig-variable.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A cluster that a variable KUBECONFIG_<NAME> brings. */
export interface NamedCluster {
  /** The NAME, as the variable writes it. */
  readonly name: string;
  readonly contexts: readonly string[];
  /** Why its contexts are not known: what the variable holds is no kubeconfig. */
  readonly problem?: string;
}

const namesCluster = /^KUBECONFIG_(.+)$/;
/** Says where a kubeconfig file is, and is none. */
const noName = 'KUBECONFIG_PATH';
/** Taken in this order where nobody says which. */
const preferred = ['PRODUCTION', 'PROD', 'PRIMARY', 'MAIN'];

/** The clusters that an environment named when it was read. */
export interface NamedClusters {
  /** By their names. What cannot be read says so, and is no cluster without contexts. */
  readonly all: readonly NamedCluster[];
  /**
   * As `findNamedCluster`, among these alone: the same object for the same context of the same kubeconfig, whatever it is called by. Each
   * kubeconfig is parsed once for each of its contexts at most, and never for a name that none has.
   */
  find(clusterName: string): ClusterAccess;
  /** Each context that can be used, of each kubeconfig. */
  accesses(): readonly ClusterAccess[];
}

/** For whoever asks often. Throws nothing: what cannot be read is one of `all`, with its problem. */
export function readNamedClusters(environment: Environment): NamedClusters {
  const clusters = variablesIn(environment).map(clusterOf);
  const found = new Map<string, () => ClusterAccess>();
  const accessTo = ({ name, read }: Variable, context?: string): ClusterAccess => {
    const asked = JSON.stringify([name, context ?? null]);
    const known = found.get(asked);
    if (known) return known();
    const made = outcomeOf(() => checked(accessFromText(read(), context), environment));
    found.set(asked, made);
    // The current context has a name too.
    const own = JSON.stringify([name, made().name]);
    const first = found.get(own) ?? made;
    found.set(own, first).set(asked, first);
    return first();
  };
  return {
    all: clusters.map(({ read: _, ...cluster }) => cluster),
    find: (clusterName) => {
      const { variable, context } = choose(clusters, clusterName);
      return accessTo(variable, context);
    },
    accesses: () =>
      clusters.flatMap((variable) =>
        variable.contexts.flatMap((context) => {
          try {
            return [accessTo(variable, context)];
          } catch {
            // One context that cannot be used hides no other.
            return [];
          }
        }),
      ),
  };
}

/** Does it now, and gives or throws the same whenever it is asked. */
function outcomeOf<Result>(make: () => Result): () => Result {
  try {
    const result = make();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** All clusters that the environment names, by their names. What cannot be read says so, and is no cluster without contexts. */
export function namedClusters(environment: Environment): readonly NamedCluster[] {
  return readNamedClusters(environment).all;
}

function clusterOf({ name, read }: Variable): NamedCluster & Variable {
  try {
    return { name, read, contexts: contextsInText(read()) };
  } catch (error) {
    return { name, read, contexts: [], problem: messageOf(error) };
  }
}

/**
 * The access to a cluster by its name: that of a context in any of the environment's KUBECONFIG_<NAME>, else a NAME; upper or lower case
 * count only where both are there. Without a name: PRODUCTION, PROD, PRIMARY, MAIN, then the first by name. Where the environment names
 * none: what KUBECONFIG_PATH says, the pod's own account, or kubectl's default; a name then has to be that of a context there.
 *
 * Certificates are checked unless KUBE_SKIP_TLS_VERIFY is `true`, whatever the kubeconfig says. Throws `pr_job.cluster_unknown`,
 * `kube.kubeconfig_invalid`, `kube.no_cluster`.
 */
export function findNamedCluster(clusterName: string | undefined, environment: Environment): ClusterAccess {
  return checked(find(clusterName, environment), environment);
}

function checked(access: ClusterAccess, environment: Environment): ClusterAccess {
  const skipTlsVerify = environment['KUBE_SKIP_TLS_VERIFY'] === 'true';
  const source = skipTlsVerify ? `${access.source}, without checking its certificate` : access.source;
  return { ...access, skipTlsVerify, source };
}

function find(clusterName: string | undefined, environment: Environment): ClusterAccess {
  const variables = variablesIn(environment);
  const [first] = variables;
  if (first === undefined) return findDefault(clusterName, environment);
  if (clusterName === undefined) return accessFromText((preferredOf(variables) ?? first).read());
  const { variable, context } = choose(variables.map(clusterOf), clusterName);
  return accessFromText(variable.read(), context);
}

/** Whose kubeconfig a name means; without a context its current one. Throws `pr_job.cluster_unknown`. */
function choose(
  clusters: readonly (NamedCluster & Variable)[],
  clusterName: string,
): { readonly variable: Variable; readonly context?: string } {
  const contexts = clusters.flatMap((variable) => variable.contexts.map((context) => ({ context, variable })));
  const byContext = matching(contexts, clusterName, ({ context }) => context);
  if (byContext) return byContext;
  const byName = matching(clusters, clusterName, ({ name }) => name);
  if (byName) return { variable: byName };
  throw new PrJobClusterUnknown({ clusterName, known: knownNames(clusters) });
}

/** A kubeconfig that cannot be read may be the one that has it: that is said among the names. */
function knownNames(clusters: readonly NamedCluster[]): readonly string[] {
  const names = clusters.flatMap(({ name, contexts, problem }) =>
    problem === undefined ? [name, ...contexts] : [`${name} (${problem})`],
  );
  return [...new Set(names)];
}

function findDefault(clusterName: string | undefined, environment: Environment): ClusterAccess {
  const kubeconfigPath = environment['KUBECONFIG_PATH'];
  const access = findAccess({ kubeconfigPath, preferredContext: clusterName, environment });
  if (clusterName === undefined || access.name === clusterName) return access;
  throw new PrJobClusterUnknown({ clusterName, known: [access.name] });
}

interface Variable {
  readonly name: string;
  /** Throws `kube.kubeconfig_invalid`. */
  readonly read: () => KubeconfigText;
}

function variablesIn(environment: Environment): readonly Variable[] {
  return Object.keys(environment)
    .toSorted()
    .flatMap((key) => {
      const value = environment[key];
      const name = namesCluster.exec(key)?.[1];
      if (name === undefined || key === noName || value === undefined || value.trim() === '') return [];
      return [{ name, read: () => kubeconfigText(key, value) }];
    });
}

function preferredOf(variables: readonly Variable[]): Variable | undefined {
  return preferred.map((name) => matching(variables, name, (one) => one.name)).find((one) => one !== undefined);
}

/** The one that is written just so, else the first that differs in upper and lower case only. */
function matching<One>(all: readonly One[], text: string, nameOf: (one: One) => string): One | undefined {
  const lower = text.toLowerCase();
  return all.find((one) => nameOf(one) === text) ?? all.find((one) => nameOf(one).toLowerCase() === lower);
}
