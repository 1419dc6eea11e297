import { spawn, type SpawnOptions } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
// Named files of client-node, not its index: the index also loads every generated API class, which costs about 80 MiB.
import {
  newClusters,
  newContexts,
  newUsers,
  type Cluster,
  type Context,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { messageOf } from '@ephemera/model';
import { parse } from 'yaml';
import { KubeconfigInvalid, NoCluster } from './errors.ts';

/** Everything needed to reach one cluster, whatever it was read from. */
export interface ClusterAccess {
  /** What people call this cluster: a context's name, or `in-cluster`. */
  readonly name: string;
  /** Where the access was found, for the line that every command prints. */
  readonly source: string;
  readonly server: string;
  readonly certificateAuthority?: Buffer | undefined;
  readonly tlsServerName?: string | undefined;
  readonly skipTlsVerify: boolean;
  readonly proxyUrl?: string | undefined;
  /** Read again before every call: the kubelet renews it. */
  readonly tokenFile?: string | undefined;
  readonly identity: () => Promise<Identity>;
}

export interface Identity {
  readonly certificate?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly authorization?: string | undefined;
}

export interface AccessOptions {
  /** A kubeconfig file; a leading `~/` is the home folder. */
  readonly kubeconfigPath?: string | undefined;
  /** A context that has to exist. Default: the file's current context. */
  readonly context?: string | undefined;
  /** A context that is taken if the file has it, and is only a display name otherwise (`CLUSTER_NAME`). */
  readonly preferredContext?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** How long a credential plugin may take. */
const pluginTimeoutMs = 20_000;

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds the cluster: the given file, else the pod's own account, else what kubectl would take: the files of `KUBECONFIG` put together,
 * or the one in the home folder.
 */
export function findAccess(options: AccessOptions = {}): ClusterAccess {
  const environment = options.environment ?? process.env;
  if (options.kubeconfigPath !== undefined) return fromKubeconfig([expandHome(options.kubeconfigPath)], options);
  const host = environment['KUBERNETES_SERVICE_HOST'];
  if (options.context === undefined && host !== undefined && existsSync(join(serviceAccount, 'token'))) {
    return fromPod(host, environment['KUBERNETES_SERVICE_PORT'] ?? '443');
  }
  const listed = new Set(environment['KUBECONFIG']?.split(delimiter).filter((path) => path !== ''));
  const paths = listed.size > 0 ? [...listed] : [join(homedir(), '.kube', 'config')];
  const present = paths.filter((path) => existsSync(path));
  if (present.length === 0) {
    throw new NoCluster({
      looked: `KUBECONFIG_PATH is not set, this is no pod, and there is no ${paths.join(' or ')}`,
    });
  }
  return fromKubeconfig(present, options);
}

export function expandHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}

function fromPod(host: string, port: string): ClusterAccess {
  return {
    name: 'in-cluster',
    source: 'the service account of this pod',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    certificateAuthority: readFileSync(join(serviceAccount, 'ca.crt')),
    skipTlsVerify: false,
    tokenFile: join(serviceAccount, 'token'),
    identity: async () => ({}),
  };
}

function fromKubeconfig(paths: readonly string[], options: AccessOptions): ClusterAccess {
  return accessOf(paths.map(readKubeconfig), paths.join(delimiter), options);
}

/**
 * Several files count as one; where two have an entry of the same name, the first file's is taken whole, as kubectl does. `all` names
 * them in messages.
 */
export function accessOf(
  files: readonly Kubeconfig[],
  all: string,
  options: Pick<AccessOptions, 'context' | 'preferredContext'>,
): ClusterAccess {
  const invalid = (problem: string) => new KubeconfigInvalid({ path: all, problem });
  const contexts = files.flatMap((file) => file.contexts);
  const preferred = contexts.find((context) => context.name === options.preferredContext)?.name;
  const wanted = options.context ?? preferred ?? files.find((file) => file.current !== '')?.current;
  if (wanted === undefined || wanted === '') throw invalid('it has no current context');
  const context = contexts.find(({ name }) => name === wanted);
  if (!context) {
    const names = [...new Set(contexts.map(({ name }) => name))];
    throw invalid(`it has no context ${JSON.stringify(wanted)}; it has ${names.join(', ') || 'none'}`);
  }
  const cluster = files.flatMap((file) => file.clusters).find(({ name }) => name === context.cluster);
  if (!cluster) throw invalid(`context ${wanted} names the cluster ${context.cluster}, which is not there`);
  const user = files.flatMap((file) => file.users).find(({ name }) => name === context.user);
  if (!user) throw invalid(`context ${wanted} names the user ${context.user ?? '(none)'}, which is not there`);
  // Leaving `as` out would act with more rights than the file gives.
  if (user.impersonateUser !== undefined)
    throw invalid(`user ${user.name} impersonates somebody, which is not supported`);

  return {
    name: wanted,
    source: `context ${wanted} of ${all}`,
    server: cluster.server.replace(/\/+$/, ''),
    certificateAuthority: orInvalid(cluster.path, () => fileOrData(cluster.path, cluster.caFile, cluster.caData)),
    tlsServerName: cluster.tlsServerName,
    skipTlsVerify: cluster.skipTLSVerify,
    proxyUrl: cluster.proxyUrl,
    tokenFile: user.tokenFile === undefined ? undefined : besides(user.path, user.tokenFile),
    identity: identityOf(user),
  };
}

/** Paths in an entry are relative to the folder of the file that it stands in. */
interface InFile {
  readonly path: string;
}

/** What one kubeconfig holds. */
export interface Kubeconfig {
  readonly contexts: readonly Context[];
  readonly clusters: readonly (Cluster & InFile)[];
  readonly users: readonly KubeconfigUser[];
  /** Empty when it names none. */
  readonly current: string;
}

type KubeconfigUser = User & InFile & { readonly tokenFile: string | undefined };

/** Reads one file with everything in it; client-node's readers throw plain errors for entries without a name or a server. */
function readKubeconfig(path: string): Kubeconfig {
  return orInvalid(path, () => kubeconfigOf(parse(readFileSync(path, 'utf8')), path));
}

/** The entries of a kubeconfig that has been parsed; throws plain errors. `path` is what file names in it are relative to. */
export function kubeconfigOf(file: unknown, path: string): Kubeconfig {
  if (typeof file !== 'object' || file === null || Array.isArray(file)) throw new Error('it is not a YAML mapping');
  const { contexts, clusters, users, 'current-context': current } = file as Readonly<Record<string, unknown>>;
  const tokenFiles = tokenFilesOf(users);
  return {
    contexts: newContexts(contexts),
    clusters: newClusters(clusters).map((cluster) => ({ ...cluster, path })),
    users: newUsers(users).map((user) => ({ ...withoutNulls(user), path, tokenFile: tokenFiles.get(user.name) })),
    current: typeof current === 'string' ? current : '',
  };
}

/** client-node fills a user without fields with nulls that its types do not know. */
function withoutNulls(user: User): User {
  return Object.fromEntries(Object.entries(user).filter(([, value]) => value !== null)) as unknown as User;
}

/** client-node reads `token-file`, kubectl `tokenFile`. */
function tokenFilesOf(users: unknown): ReadonlyMap<string, string> {
  const named = (Array.isArray(users) ? users : []) as { name: string; user?: { tokenFile?: string } | null }[];
  return new Map(named.flatMap(({ name, user }) => (user?.tokenFile === undefined ? [] : [[name, user.tokenFile]])));
}

function orInvalid<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new KubeconfigInvalid({ path, problem: messageOf(error) }, { cause: error });
  }
}

function identityOf(user: KubeconfigUser): () => Promise<Identity> {
  const { path } = user;
  const plugin = execPlugin(dirname(path));
  if (plugin.isAuthProvider(user)) {
    return async () => {
      const options: { cert?: string; key?: string; headers?: Record<string, string> } = {};
      await plugin.applyAuthentication(user, options).catch((error: unknown) => {
        throw new Error(
          `the credential plugin of user ${user.name} failed: ${messageOf(error).trim() || 'no reason given'}`,
          {
            cause: error,
          },
        );
      });
      return { certificate: options.cert, key: options.key, authorization: options.headers?.['Authorization'] };
    };
  }
  const basic = user.username === undefined ? undefined : `${user.username}:${user.password ?? ''}`;
  return async () => ({
    certificate: fileOrData(path, user.certFile, user.certData),
    key: fileOrData(path, user.keyFile, user.keyData),
    authorization:
      user.token !== undefined
        ? `Bearer ${user.token}`
        : basic === undefined
          ? undefined
          : `Basic ${Buffer.from(basic).toString('base64')}`,
  });
}

/** client-node would wait for a hanging plugin without end, and looks for a relative command in the folder that we were started in. */
function execPlugin(folder: string): ExecAuth {
  const plugin = new ExecAuth();
  const execFn = (command: string, args: readonly string[] | undefined, options: SpawnOptions) =>
    spawn(command.includes('/') ? resolve(folder, command) : command, args ?? [], {
      ...options,
      timeout: pluginTimeoutMs,
    });
  Object.assign(plugin, { execFn });
  return plugin;
}

function fileOrData(kubeconfig: string, file: string | undefined, data: string | undefined): Buffer | undefined {
  if (data !== undefined) return Buffer.from(data, 'base64');
  return file === undefined ? undefined : readFileSync(besides(kubeconfig, file));
}

function besides(kubeconfig: string, file: string): string {
  return resolve(dirname(kubeconfig), file);
}
