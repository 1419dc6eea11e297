/** A real one-node Kubernetes for machines without one, built from Go modules and run in its own namespaces. */
export { provideTool, type ProvideOptions } from './build.ts';
export { clusterDown } from './down.ts';
export { clusterStatus } from './status.ts';
export { clusterTools } from './commands.ts';
export { clusterUp } from './up.ts';
export type { ClusterOptions, ClusterStatus, ProgressEvent, ToolCommand } from './contract.ts';
export type { Tool } from './tools.ts';
