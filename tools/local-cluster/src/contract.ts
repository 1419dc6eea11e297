/** What callers of the local cluster see. */

export interface ClusterOptions {
  /** Instances live side by side, each with its own addresses, device and cgroup folder. Default: `default`. */
  readonly name?: string;
  /** The folder that holds everything: built tools, images and the instances' own files. */
  readonly cache: string;
  /** The /16 network of the instance, for machines on which the usual one is taken, for example `10.99.0.0/16`. */
  readonly block?: string;
  readonly report?: (event: ProgressEvent) => void;
  readonly signal?: AbortSignal;
}

export interface ProgressEvent {
  readonly step: string;
  readonly state: 'started' | 'done' | 'failed';
  readonly ms?: number;
  readonly detail?: string;
}

export interface ClusterStatus {
  readonly name: string;
  /** `broken`: its processes run, but it does not answer or its node is not ready. */
  readonly state: 'up' | 'down' | 'broken';
  readonly version: string | null;
  readonly kubeconfig: string | null;
  /** As seen from pods and from the machine. */
  readonly apiServer: string | null;
  /** The same API server on the machine's loopback. */
  readonly apiServerLoopback: string | null;
  /** host:port under which pods and the machine push and pull. Plain HTTP. */
  readonly registry: string | null;
  readonly nodeAddress: string | null;
}

/** A program of the cluster by its path, with the arguments that have to come first. */
export interface ToolCommand {
  readonly command: string;
  readonly args: string[];
}
