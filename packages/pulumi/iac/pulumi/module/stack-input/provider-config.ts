import type { Problem } from '@ephemera/job/compile';
import { word } from '../quoted.ts';
import { keysOf } from './keys.ts';
import type { ProviderConfig } from './stack-input.ts';

/** The kinds of clusters that a provider_config of the contract may speak of, each with a mapping of its own. */
const KINDS = ['gcp_gke', 'digital_ocean_doks', 'aws_eks', 'azure_aks'];
const UNSPECIFIED = 'kubernetes_provider_unspecified';

/**
 * Reads a provider_config: `kubeconfig` (text) and `context`; or the kind of a cloud's cluster in `provider` with its mapping, of which
 * DigitalOcean's carries a kubeconfig as well. Undefined where it says nothing. Which kinds can be used is the provider's decision.
 */
export function providerConfigOf(
  mapping: Readonly<Record<string, unknown>> | undefined,
  problems: Problem[],
): ProviderConfig | undefined {
  if (mapping === undefined) return undefined;
  const path = 'provider_config';
  const keys = keysOf(mapping, { path, known: ['kubeconfig', 'context', 'provider', ...KINDS], problems });
  const named = keys.text('provider')?.toLowerCase();
  const mappings = new Map(KINDS.map((kind) => [kind, keys.mapping(kind)]));
  const given = KINDS.filter((kind) => mappings.get(kind) !== undefined);
  const kinds = [...new Set([...(named === undefined || named === UNSPECIFIED ? [] : [named]), ...given])];
  if (kinds.length > 1) {
    problems.push({ path, problem: `speaks of ${kinds.map(word).join(' and ')}`, fix: 'Keep one of them.' });
  }
  const kubeconfig = keys.text('kubeconfig') ?? cloudKubeconfig(mappings.get('digital_ocean_doks'), problems);
  const context = keys.text('context');
  const [kind] = kinds;
  if (kind === undefined && kubeconfig === undefined && context === undefined) return undefined;
  return {
    ...(kind !== undefined && { kind }),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  };
}

function cloudKubeconfig(
  mapping: Readonly<Record<string, unknown>> | undefined,
  problems: Problem[],
): string | undefined {
  if (mapping === undefined) return undefined;
  const path = 'provider_config.digital_ocean_doks';
  return keysOf(mapping, { path, known: ['kube_config'], problems }).text('kube_config');
}
