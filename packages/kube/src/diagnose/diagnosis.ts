/** Why a pod, or a Job that should have pods, does not do its work. One shape for jobs, sandboxes, builds and environments. */
export interface Diagnosis {
  readonly code: DiagnosisCode;
  /** One sentence on one line, with the cluster's own words where it has some; without control characters. */
  readonly message: string;
  /** What the reader can do about it. */
  readonly hint: string;
  /** Whether the same pod, made again without anybody changing anything, may work. */
  readonly retryable: boolean;
  /** Waiting longer cannot help, or the time in which it could have helped is over. */
  readonly final: boolean;
  /** Set where at least one node would take the pod if it had room, or were well: nobody has to change the pod. Only `pod.unschedulable`. */
  readonly lacksRoom?: true;
  /** `Pod x, container y`, `Pod x` or `Job z`. */
  readonly subject: string;
  /** Since when it is so (ISO 8601, the cluster's clock); left out where the cluster does not say. */
  readonly since?: string;
}

/** One code as the reference explains it. */
interface CodeRow {
  readonly code: string;
  readonly means: string;
  /** When `final` becomes true. */
  readonly final: string;
  readonly retryable: 'yes' | 'no' | 'mostly not';
  readonly remedy: string;
}

/**
 * Every code, from the one that explains most to the one that explains least: of several problems that are equally final the one that
 * stands first here is told. What somebody has to correct comes before what may pass by itself, and what goes wrong in a pod before
 * what keeps further pods from being made.
 */
export const diagnosisCodes = [
  {
    code: 'job.deadline',
    means: 'The Job or the pod was ended, as it ran longer than `activeDeadlineSeconds` allows.',
    final: 'at once',
    retryable: 'no',
    remedy: 'Raise `activeDeadlineSeconds`, or find out what takes so long.',
  },
  {
    code: 'pod.image_name',
    means: 'The image is no valid name, or it may not be pulled (`imagePullPolicy: Never`) and is not on the node.',
    final: 'at once',
    retryable: 'no',
    remedy: 'Correct the image or the pull policy.',
  },
  {
    code: 'pod.config',
    means: 'A Secret, a ConfigMap or a key that the container needs is missing, or its settings contradict the image.',
    final: 'at once; not while the node only waits for its copy of a Secret or ConfigMap',
    retryable: 'mostly not',
    remedy: 'Create what the message names, or correct the name.',
  },
  {
    code: 'pod.create',
    means:
      'The container could not be made or started: its command does not exist, a mount is wrong, or the sandbox of the pod fails.',
    final: 'at once; after 60 s where the container runtime is only busy, or fails to make the sandbox',
    retryable: 'mostly not',
    remedy: 'Correct the command or the mount that the message names.',
  },
  {
    code: 'pod.account',
    means: 'The pod cannot be made, as its service account does not exist.',
    final: 'at once; after 30 s for `default`, which the cluster makes itself',
    retryable: 'mostly not',
    remedy: 'Create the service account, or name one that exists.',
  },
  {
    code: 'pod.admission',
    means: 'The pod cannot be made, as Pod Security, a policy, a webhook or a LimitRange refuses it.',
    final: 'at once; after 30 s where a webhook does not answer',
    retryable: 'mostly not',
    remedy: 'Change the pod, or the rule that the message names.',
  },
  {
    code: 'pod.out_of_memory',
    means: 'A container was killed, as it used more memory than its limit.',
    final: 'when nothing restarts it any more',
    retryable: 'no',
    remedy: 'Raise the memory limit, or use less.',
  },
  {
    code: 'pod.init_failed',
    means: 'An init container ended with an exit code other than 0.',
    final: 'when nothing restarts it any more',
    retryable: 'no',
    remedy: 'Read the log of the init container.',
  },
  {
    code: 'pod.crashed',
    means: 'A container ended with an exit code other than 0, or ends again and again.',
    final: 'when nothing restarts it any more',
    retryable: 'no',
    remedy: 'Read the last lines of its log.',
  },
  {
    code: 'pod.image_pull',
    means: 'The image cannot be pulled; the message has the answer of the registry.',
    final: 'after 30 s or 3 failed attempts',
    retryable: 'yes',
    remedy: 'Check name, tag and pull secret; load the image into a local cluster.',
  },
  {
    code: 'pod.evicted',
    means:
      'The pod was removed from its node: the node was short of something, the pod used too much disk, or somebody drained the node.',
    final: 'at once; not while a Job makes another pod',
    retryable: 'yes',
    remedy: 'Run it again; where the message names a limit of the pod, raise it.',
  },
  {
    code: 'pod.preempted',
    means: 'The pod had to make room for one of higher priority.',
    final: 'at once; not while a Job makes another pod',
    retryable: 'yes',
    remedy: 'Run it again, or give it a higher priority.',
  },
  {
    code: 'pod.node_lost',
    means: 'The node of the pod went away, shut down or does not answer.',
    final: 'at once; not while a Job makes another pod',
    retryable: 'yes',
    remedy: 'Run it again; look at the node if it happens often.',
  },
  {
    code: 'pod.volume',
    means: 'A volume cannot be mounted or attached.',
    final: 'after 60 s',
    retryable: 'yes',
    remedy: 'Create the object that the message names, or correct the name.',
  },
  {
    code: 'pod.unschedulable',
    means: 'No node takes the pod; the message has the reasons of the scheduler.',
    final: 'after 120 s, counted again from every scale-up; at once where a node refused the pod',
    retryable: 'yes',
    remedy: 'Ask for less, or change the selector, toleration or claim that the message names.',
  },
  {
    code: 'pod.quota',
    means: 'The pod cannot be made, as a quota of the namespace is used up.',
    final: 'never: the pod is made as soon as there is room',
    retryable: 'yes',
    remedy: 'Wait, ask for less, or raise the quota.',
  },
  {
    code: 'pod.missing',
    means: 'The Job was accepted, but no pod of it appears, and the cluster does not say why in words that we know.',
    final: 'after 30 s; not where events may not be read',
    retryable: 'yes',
    remedy: 'Look at the controllers and the API server of the cluster.',
  },
] as const satisfies readonly CodeRow[];

export type DiagnosisCode = (typeof diagnosisCodes)[number]['code'];
