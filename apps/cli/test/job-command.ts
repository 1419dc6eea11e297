import { randomBytes } from 'node:crypto';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { run, start, type Finished, type Running } from './command.ts';

const { EPHEMERA_TEST_KUBECONFIG: KUBECONFIG_PATH, EPHEMERA_TEST_CONTEXT: context } = process.env;

/** For everything that the cluster does in its own time. */
export const patience = { timeout: 90_000, interval: 100 };

/** Whatever a test changes in a KubernetesJob. */
export interface Manifest {
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A namespace of one test, and `ephemera job` in it. Disposing removes the namespace with whatever is in it. */
export interface Jobs extends AsyncDisposable {
  readonly namespace: string;
  /** The text of a manifest: a busybox that runs this shell script. */
  manifest(script: string, more?: Manifest): string;
  /** Runs `ephemera job VERB …` on the tests' cluster, with a text at its input. */
  job(args: readonly string[], input?: string): Promise<Finished>;
  startJob(args: readonly string[], input?: string): Running;
}

/** The name of a namespace that nobody else has. */
export const freshName = () => `cli-job-${randomBytes(5).toString('hex')}`;

export async function startJobs(): Promise<Jobs> {
  const namespace = freshName();
  await kubectl(['create', 'namespace', namespace]);
  return {
    ...jobsIn(namespace),
    [Symbol.asyncDispose]: async () => {
      await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=110s']);
    },
  };
}

/** The same for a namespace that the command is to make. */
export function jobsIn(namespace: string): Omit<Jobs, typeof Symbol.asyncDispose> {
  const words = (args: readonly string[]) => ['job', ...args, ...(context === undefined ? [] : ['--context', context])];
  return {
    namespace,
    manifest: (script, { metadata, spec } = {}) =>
      JSON.stringify({
        apiVersion: 'kubernetes.project-planton.org/v1',
        kind: 'KubernetesJob',
        metadata: { name: 'hello', ...metadata },
        spec: {
          namespace,
          image: { repo: 'busybox', tag: '1' },
          command: ['sh', '-c', script],
          backoffLimit: 0,
          ...spec,
        },
      }),
    job: (args, input) => run(words(args), { KUBECONFIG_PATH }, input),
    startJob: (args, input) => start(words(args), { KUBECONFIG_PATH }, input),
  };
}

/** A shell script that goes on until it is told to end, which it does at once. */
export const endless = 'trap "exit 143" TERM; echo begun; while :; do sleep 1 & wait $!; done';
