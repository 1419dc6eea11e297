import { ProviderConfigInvalid, ProviderUnsupported } from './errors.ts';
import { contextFor, contextsOf, isFor } from './kubeconfig-contexts.ts';
import { quoted, word } from './quoted.ts';
import type { StackInput } from './stack-input/stack-input.ts';
import { KUBE_CTX } from './vars.ts';

export interface Ambient {
  /** The value of KUBE_CTX. */
  readonly contextOfEnv?: string | undefined;
  /** `kubernetes:context` and `kubernetes:kubeconfig` of the stack's configuration, which a provider of its own would not see. */
  readonly contextOfStack?: string | undefined;
  readonly kubeconfigOfStack?: string | undefined;
  /** The texts of the kubeconfigs that are used where provider_config has none, as far as they can be read. */
  readonly kubeconfigs?: readonly string[];
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
  const contexts = (ambient.kubeconfigs ?? []).flatMap((text) => contextsOf(text) ?? []);
  const ambientKubeconfig = ambient.kubeconfigOfStack || undefined;
  if (providerConfig === undefined) {
    const chosen = ambient.contextOfEnv || ambient.contextOfStack || undefined;
    if (clusterName === undefined) return { kubeconfig: ambientKubeconfig, context: chosen, warnings: [] };
    const context = chosen ?? contextFor(contexts, clusterName)?.name;
    const warnings =
      context !== undefined && (chosen === undefined || isFor(contexts, context, clusterName))
        ? []
        : [otherCluster(context, clusterName)];
    return { kubeconfig: ambientKubeconfig, context, warnings };
  }
  const { kind, kubeconfig, context } = providerConfig;
  if (kind !== undefined) checkKind(kind, targetCluster?.clusterKind);
  if (kind !== undefined && kubeconfig === undefined) throw new ProviderUnsupported({ kind: word(kind) });
  if (kubeconfig !== undefined) {
    return { kubeconfig, context: contextIn(kubeconfig, context, clusterName), warnings: [] };
  }
  if (context !== undefined && clusterName !== undefined && !isFor(contexts, context, clusterName)) {
    throw contradiction(context, clusterName);
  }
  return { kubeconfig: ambientKubeconfig, context, warnings: [] };
}

/** Only a warning: the name may be one for people, as it is for `ephemera job`. */
function otherCluster(context: string | undefined, clusterName: string): string {
  return context === undefined
    ? `spec.targetCluster names ${quoted(clusterName)}, which is no context and no cluster of a kubeconfig that can be read here: the current context is used.`
    : `The context ${quoted(context)} is used, though spec.targetCluster names ${quoted(clusterName)}.`;
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

function contradiction(context: string, clusterName: string) {
  return new ProviderConfigInvalid({
    problem: `its context is ${quoted(context)}, and spec.targetCluster.clusterName is ${quoted(clusterName)}`,
    fix: 'Leave one of the two out, or make them agree.',
  });
}

/**
 * The context to use: the one asked for, or the one whose name or cluster the target names, or none, which is the current one. Read here
 * as well as by the provider, so that a wrong kubeconfig is named before anything is made.
 */
function contextIn(kubeconfig: string, asked: string | undefined, clusterName: string | undefined): string | undefined {
  const contexts = contextsOf(kubeconfig);
  if (contexts === undefined) {
    throw new ProviderConfigInvalid({
      problem: 'its kubeconfig is not one: it is not YAML with a list of contexts',
      fix: `Give the text of a kubeconfig, not its path; or leave provider_config out and set KUBECONFIG and ${KUBE_CTX}.`,
    });
  }
  const names = contexts.map(({ name }) => quoted(name)).join(', ') || 'none';
  if (asked !== undefined && !contexts.some(({ name }) => name === asked)) {
    throw new ProviderConfigInvalid({
      problem: `its kubeconfig has no context ${quoted(asked)}`,
      fix: `It has ${names}.`,
    });
  }
  if (clusterName === undefined) return asked;
  if (asked !== undefined) {
    if (isFor(contexts, asked, clusterName)) return asked;
    throw contradiction(asked, clusterName);
  }
  const named = contextFor(contexts, clusterName);
  if (named !== undefined) return named.name;
  throw new ProviderConfigInvalid({
    problem: `its kubeconfig has no context or cluster ${quoted(clusterName)}, which spec.targetCluster.clusterName names`,
    fix: `It has the contexts ${names}: give the right kubeconfig, or provider_config.context.`,
  });
}
