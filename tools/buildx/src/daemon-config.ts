/**
 * What the builder reads at its start. The registry is not on loopback, where plain HTTP would go without saying, and answers for
 * Docker Hub as it does for the cluster's own node. Pure.
 */
export function daemonConfig(registry: string): string {
  const name = JSON.stringify(registry);
  return `[registry."docker.io"]
  mirrors = [${name}]
[registry.${name}]
  http = true
`;
}
