/** Sandboxes: short-lived containers to run commands in, on a cluster of one's own or by an Ephemera server. */
export { clusterHost, type ClusterHostOptions } from './cluster/cluster-host.ts';
export { reapSandboxes, type Reaped, type ReapOptions } from './cluster/reap.ts';
export type * from './commands-api.ts';
export * as sandboxErrors from './errors.ts';
export type { FileProblemKind, Problem } from './errors.ts';
export type * from './files-api.ts';
export type * from './host.ts';
export { KubernetesSandbox, type RunCommandOptions, type RunCommandResult } from './kubernetes-sandbox.ts';
export type { SandboxMetrics } from './metrics.ts';
export type { Forward, ForwardOptions } from './ports/forward.ts';
export type { LogMatch, WaitForLogOptions } from './ports/wait-for-log.ts';
export type { WaitForPortOptions } from './ports/wait-for-port.ts';
export { provideRunner, type ProvideRunnerOptions } from './runner/provide-runner.ts';
export { serverHost } from './server/server-host.ts';
export type { ServerAddress } from './server/server-calls.ts';
export * as serverErrors from './server/server-errors.ts';
export { Sandbox, type ConnectOptions, type FindOptions, type SandboxParts } from './sandbox.ts';
export type * from './sandbox-options.ts';
