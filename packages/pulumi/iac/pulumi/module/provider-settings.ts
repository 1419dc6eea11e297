import { readManifest } from '@ephemera/job/compile';
import { ProviderConfigInvalid, ProviderUnsupported } from './errors.ts';
import { quoted, word } from './quoted.ts';
import type { StackInput } from './stack-input/stack-input.ts';
import { KUBE_CTX } from './vars.ts';

export interface Ambient {
  /** The value of KUBE_CTX. */
  readonly contextOfEnv?: string | undefined;
  /** `kubernetes:context` and `kubernetes:kubeconfig` of the stack's configuration, which a provider of its own would not see. */
  readonly contextOfStack?: string | undefined;
  readonly kubeconfigOfStack?: string | undefined;
}

export interface ProviderSettings {
  /** Undefined: that of the environment. */
  readonly kubeconfig: string | undefined;
  /** Undefined: the current one of the kubeconfig. */
  readonly context: string | undefined;
  readonly warnings: readonly string[];
}

/** Which cluster a stack input means. Pure. Throws `ProviderUnsupported`, `ProviderConfigInvalid`. */
export function providerSettings(
  { providerConfig, targetCluster }: Pick<StackInput, 'providerConfig' | 'targetCluster'>,
  ambient: Ambient,
): ProviderSettings {
  const clusterName = targetCluster?.clusterName || undefined;
  if (providerConfig === undefined) {
    const chosen = ambient.contextOfEnv || ambient.contextOfStack || undefined;
    const warnings =
      chosen !== undefined && clusterName !== undefined && chosen !== clusterName
        ? [`The context ${quoted(chosen)} is used, though spec.targetCluster names ${quoted(clusterName)}.`]
        : [];
    return { kubeconfig: ambient.kubeconfigOfStack || undefined, context: chosen ?? clusterName, warnings };
  }
  const { kind, kubeconfig, context } = providerConfig;
  if (kind !== undefined) checkKind(kind, targetCluster?.clusterKind);
  if (kind !== undefined && kubeconfig === undefined) throw new ProviderUnsupported({ kind: word(kind) });
  if (kubeconfig === undefined) {
    checkSame(context, clusterName);
    return { kubeconfig: ambient.kubeconfigOfStack || undefined, context, warnings: [] };
  }
  return { kubeconfig, context: contextIn(kubeconfig, context, clusterName), warnings: [] };
}

/** The one kind whose configuration is a kubeconfig. */
const DIGITAL_OCEAN = 'digital_ocean_doks';

function checkKind(kind: string, clusterKind: string | undefined): void {
  if (kind !== DIGITAL_OCEAN) throw new ProviderUnsupported({ kind: word(kind) });
  if (clusterKind && !/digital_?ocean/i.test(clusterKind)) {
    throw new ProviderConfigInvalid({
      problem: `it is for ${kind}, and spec.targetCluster.clusterKind is ${quoted(clusterKind)}`,
      fix: 'Leave one of the two out, or make them agree.',
    });
  }
}

function checkSame(context: string | undefined, clusterName: string | undefined): void {
  if (context === undefined || clusterName === undefined || context === clusterName) return;
  throw contradiction(context, clusterName);
}

function contradiction(context: string, clusterName: string) {
  return new ProviderConfigInvalid({
    problem: `its context is ${quoted(context)}, and spec.targetCluster.clusterName is ${quoted(clusterName)}`,
    fix: 'Leave one of the two out, or make them agree.',
  });
}

interface Context {
  readonly name: string;
  readonly cluster: string | undefined;
}

/** The context to use: the one asked for, or the one whose name or cluster the target names, or none, which is the current one. */
function contextIn(kubeconfig: string, asked: string | undefined, clusterName: string | undefined): string | undefined {
  const contexts = contextsOf(kubeconfig);
  const names = contexts.map(({ name }) => quoted(name)).join(', ') || 'none';
  const found = contexts.find(({ name }) => name === asked);
  if (asked !== undefined && found === undefined) {
    throw new ProviderConfigInvalid({
      problem: `its kubeconfig has no context ${quoted(asked)}`,
      fix: `It has ${names}.`,
    });
  }
  if (clusterName === undefined) return asked;
  if (found !== undefined) {
    if (found.name === clusterName || found.cluster === clusterName) return asked;
    throw contradiction(found.name, clusterName);
  }
  const named =
    contexts.find(({ name }) => name === clusterName) ?? contexts.find(({ cluster }) => cluster === clusterName);
  if (named !== undefined) return named.name;
  throw new ProviderConfigInvalid({
    problem: `its kubeconfig has no context or cluster ${quoted(clusterName)}, which spec.targetCluster.clusterName names`,
    fix: `It has the contexts ${names}: give the right kubeconfig, or provider_config.context.`,
  });
}

/** Read here as well as by the provider, so that a wrong one is named before anything is made. Without causes: they may quote it. */
function contextsOf(kubeconfig: string): readonly Context[] {
  const entries = (parsed(kubeconfig) as { contexts?: unknown } | null | undefined)?.contexts;
  if (!Array.isArray(entries)) {
    throw new ProviderConfigInvalid({
      problem: 'its kubeconfig is not one: it is not YAML with a list of contexts',
      fix: `Give the text of a kubeconfig, not its path; or leave provider_config out and set KUBECONFIG and ${KUBE_CTX}.`,
    });
  }
  return entries.flatMap((entry: { name?: unknown; context?: { cluster?: unknown } } | null) =>
    typeof entry?.name === 'string'
      ? [{ name: entry.name, cluster: typeof entry.context?.cluster === 'string' ? entry.context.cluster : undefined }]
      : [],
  );
}

function parsed(text: string): unknown {
  try {
    return readManifest(text, { source: 'the kubeconfig' });
  } catch {
    return undefined;
  }
}
