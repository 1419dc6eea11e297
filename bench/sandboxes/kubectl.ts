import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { clusterTools } from '@ephemera/local-cluster';

export interface Kubectl {
  /** Runs it to its end. Throws with its own words when it fails. */
  run(...args: readonly string[]): Promise<void>;
}

export interface KubectlOptions {
  readonly cache: string;
  readonly context: string | undefined;
  readonly kubeconfigPath: string | undefined;
  /** For what it keeps of the API between two calls, which would else go to the user's home. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

const timeoutMs = 300_000;

/** The local cluster's own where it was built, else that of PATH, on the cluster that is measured. */
export function kubectlOf({ cache, context, kubeconfigPath, folder, signal }: KubectlOptions): Kubectl {
  const { command: built } = clusterTools({ cache }).kubectl;
  const isBuilt = existsSync(built);
  const first = [
    // One program holds all that the cluster is made of.
    ...(isBuilt ? ['kubectl'] : []),
    ...(kubeconfigPath === undefined ? [] : [`--kubeconfig=${kubeconfigPath}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
    `--cache-dir=${folder}`,
  ];
  return {
    run: (...args) =>
      new Promise((done, refuse) => {
        const all = [...first, ...args];
        execFile(isBuilt ? built : 'kubectl', all, { timeout: timeoutMs, signal }, (error, _stdout, stderr) =>
          error === null ? done() : refuse(new Error(`kubectl ${args.join(' ')}: ${stderr}`, { cause: error })),
        );
      }),
  };
}
