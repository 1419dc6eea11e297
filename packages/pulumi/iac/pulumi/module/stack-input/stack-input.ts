/** What the module is asked to do: checked, and in one spelling. */
export interface StackInput {
  /** A KubernetesJob that `parseJob` accepts. */
  readonly target: unknown;
  readonly providerConfig?: ProviderConfig;
  /** The cluster that the target names. */
  readonly targetCluster?: { readonly clusterKind?: string; readonly clusterName?: string };
  /** The text of a Docker `config.json` with `auths`: a secret. */
  readonly dockerConfigJson?: string;
}

export interface ProviderConfig {
  /** `gcp_gke`, `digital_ocean_doks`, …; missing where the kubeconfig is given as it is. */
  readonly kind?: string;
  /** The text of a kubeconfig: a secret. */
  readonly kubeconfig?: string;
  readonly context?: string;
}
