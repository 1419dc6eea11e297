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

/** All clusters that the environment names, by their names. What cannot be read says so, and is no cluster without contexts. */
export function namedClusters(environment: Environment): readonly NamedCluster[] {
  return variablesIn(environment).map((variable) => {
    const { read: _, ...cluster } = clusterOf(variable);
    return cluster;
  });
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
  const access = find(clusterName, environment);
  const skipTlsVerify = environment['KUBE_SKIP_TLS_VERIFY'] === 'true';
  const source = skipTlsVerify ? `${access.source}, without checking its certificate` : access.source;
  return { ...access, skipTlsVerify, source };
}

function find(clusterName: string | undefined, environment: Environment): ClusterAccess {
  const variables = variablesIn(environment);
  const [first] = variables;
  if (first === undefined) return findDefault(clusterName, environment);
  if (clusterName === undefined) return accessFromText((preferredOf(variables) ?? first).read());
  const clusters = variables.map(clusterOf);
  const contexts = clusters.flatMap(({ contexts: names, read }) => names.map((context) => ({ context, read })));
  const byContext = matching(contexts, clusterName, ({ context }) => context);
  if (byContext) return accessFromText(byContext.read(), byContext.context);
  const byName = matching(clusters, clusterName, ({ name }) => name);
  if (byName) return accessFromText(byName.read());
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
