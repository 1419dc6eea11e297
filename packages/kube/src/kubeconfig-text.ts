import { isAbsolute } from 'node:path';
import { messageOf } from '@ephemera/model';
import { parse, YAMLParseError } from 'yaml';
import { KubeconfigInvalid } from './errors.ts';
import { accessOf, kubeconfigOf, type ClusterAccess, type Kubeconfig } from './kubeconfig.ts';

/** A kubeconfig that is no file, such as the value of a variable. */
export interface KubeconfigText {
  /** YAML or JSON. */
  readonly text: string;
  /** What people know it by: messages name it and quote nothing of the text, which holds credentials. */
  readonly source: string;
}

/**
 * The access that a kubeconfig gives which is no file. Default context: the current one.
 *
 * There is no folder that paths in it could be relative to, and that which this program was started in is anybody's guess: they have to be
 * absolute, and a credential plugin absolute or found by its bare name. Throws `kube.kubeconfig_invalid`.
 */
export function accessFromText(kubeconfig: KubeconfigText, context?: string): ClusterAccess {
  const { source } = kubeconfig;
  const entries = readText(kubeconfig);
  return accessOf([withAbsolutePaths(entries, source, context ?? entries.current)], source, { context });
}

/** The names of its contexts, as they stand there. Throws `kube.kubeconfig_invalid`. */
export function contextsInText(kubeconfig: KubeconfigText): readonly string[] {
  return readText(kubeconfig).contexts.map(({ name }) => name);
}

function readText({ text, source }: KubeconfigText): Kubeconfig {
  const file = parsed(text, source);
  try {
    return kubeconfigOf(file, source);
  } catch (error) {
    throw new KubeconfigInvalid({ path: source, problem: messageOf(error) });
  }
}

/** The parser's own messages, and its warnings too, show the lines around what they are about, and with them perhaps a token. */
function parsed(text: string, source: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    const where = line === undefined ? '' : ` (line ${line})`;
    throw new KubeconfigInvalid({ path: source, problem: `it is neither YAML nor JSON${where}` });
  }
}

/** Looks at what the context uses only: another context's paths are another one's trouble. */
function withAbsolutePaths(entries: Kubeconfig, source: string, context: string): Kubeconfig {
  const used = entries.contexts.find(({ name }) => name === context);
  const cluster = entries.clusters.find(({ name }) => name === used?.cluster);
  const user = entries.users.find(({ name }) => name === used?.user);
  // The older way to name a plugin, which client-node takes as well.
  const provider = user?.authProvider as { readonly config?: { readonly exec?: unknown } } | undefined;
  const command = commandOf(user?.exec) ?? commandOf(provider?.config?.exec);
  const paths = {
    'certificate-authority': cluster?.caFile,
    'client-certificate': user?.certFile,
    'client-key': user?.keyFile,
    tokenFile: user?.tokenFile,
    'exec.command': command?.includes('/') === true ? command : undefined,
  };
  for (const [field, path] of Object.entries(paths)) {
    if (path === undefined || isAbsolute(path)) continue;
    const problem = `the ${field} of context ${context} is a relative path, and there is no file that it could be relative to`;
    throw new KubeconfigInvalid({ path: source, problem });
  }
  return entries;
}

function commandOf(exec: unknown): string | undefined {
  const { command } = (exec ?? {}) as { readonly command?: unknown };
  return typeof command === 'string' ? command : undefined;
}
