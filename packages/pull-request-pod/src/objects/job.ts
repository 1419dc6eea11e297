import { compilePodJob, quantityOf } from '@ephemera/job/compile';
import { labelPrefix, type EnvVar, type Job, type PodFailurePolicy, type Volume } from '@ephemera/model';
import type { CheckedOrder, CheckedRepository } from './checked-order.ts';
import { builderLabels, instanceMark, jobLabels } from './labels.ts';
import { literalText } from './literal-text.ts';
import { containerName, prJobNames, repositorySecretName } from './names.ts';
import { noDockerfileExitCode, scripts } from './script.ts';
import { hasSecret, secretKeys } from './secret.ts';

/** Whose request made the Job: tells one's own Job, after an answer that got lost, from another one of the same millisecond. */
export const requestAnnotation = `${labelPrefix}/request`;

export interface PrJobInput {
  readonly order: CheckedOrder;
  readonly jobName: string;
  readonly instance?: string | undefined;
  /** Random, or the hash of the idempotency key; no secret. */
  readonly request: string;
}

const secretFolder = '/run/ephemera/repository';

const backoffLimit = 3;
const ttlSecondsAfterFinished = 3600;

/** What a builder is promised; it has to fit on a node beside others. */
const builderRequests = { cpu: '250m', memory: '512Mi' } as const;

/** The Job as the seed describes it, with a deadline and without rights that its container does not need. Pure. */
export function prJobObject({ order, jobName, instance, request }: PrJobInput): Job {
  const { name, namespace, image, repository, activeDeadlineSeconds } = order;
  const volumes = repository === undefined ? [] : volumesOf(repository, jobName);
  return compilePodJob({
    name: jobName,
    namespace,
    labels: { ...jobLabels(name), ...instanceMark(instance) },
    annotations: { [requestAnnotation]: request },
    settings: {
      backoffLimit,
      activeDeadlineSeconds,
      // A second pod only when the first one has ended: while that one cleans up after itself it would remove the builder of both.
      podReplacementPolicy: 'Failed',
      ttlSecondsAfterFinished,
      ...(repository === undefined ? {} : { podFailurePolicy: noSecondTry }),
    },
    pod: {
      restartPolicy: 'Never',
      serviceAccountName: prJobNames(name).serviceAccount,
      // buildx talks to the API server as this account.
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: containerName,
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', literalText(repository === undefined ? scripts.example : scripts.repository)],
          env: [
            ...builderEnv(order, jobName, instance),
            ...(repository === undefined ? [] : repositoryEnv(repository)),
          ],
          resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          ...(volumes.length === 0
            ? {}
            : {
                volumeMounts: volumes.map((volume) => ({ name: volume.name, mountPath: secretFolder, readOnly: true })),
              }),
        },
      ],
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  });
}

/** A branch without a Dockerfile has none at the fourth try either. */
const noSecondTry: PodFailurePolicy = {
  rules: [{ action: 'FailJob', onExitCodes: { containerName, operator: 'In', values: [noDockerfileExitCode] } }],
};

function builderEnv(
  { name, namespace, builder, builderLimits }: CheckedOrder,
  jobName: string,
  instance?: string,
): EnvVar[] {
  const labels = Object.entries(builderLabels({ name, instance })).map(([key, value]) => `${key}=${value}`);
  return [
    { name: 'JOB_NAME', value: jobName },
    { name: 'NAMESPACE', value: namespace },
    { name: 'SERVICE_ACCOUNT', value: prJobNames(name).serviceAccount },
    { name: 'BUILDER_LABELS', value: labels.join(',') },
    { name: 'BUILDER_RESOURCES', value: resourceOptions(builderLimits) },
    { name: 'BUILDER_ROOTLESS', value: String(builder === 'rootless') },
  ];
}

/**
 * As buildx's options. Not of the disk: buildx can only say a limit, which the cluster would then keep free for each builder. A node whose
 * disk runs full ends the pod first that has taken the most of it.
 */
function resourceOptions(limits: CheckedOrder['builderLimits']): string {
  return (['cpu', 'memory'] as const)
    .flatMap((kind) => [
      `requests.${kind}=${smaller(builderRequests[kind], limits[kind])}`,
      `limits.${kind}=${limits[kind]}`,
    ])
    .join(',');
}

function smaller(one: string, other: string): string {
  return (quantityOf(one) ?? 0n) < (quantityOf(other) ?? 0n) ? one : other;
}

function repositoryEnv(repository: CheckedRepository): EnvVar[] {
  const { url, branch, pullRequest, imageName, dockerfile, push, token, dockerConfigJson } = repository;
  const env: readonly (readonly [string, string])[] = [
    ['REPO_URL', url],
    ['PR_BRANCH', branch],
    ['PR_NUMBER', String(pullRequest)],
    ['IMAGE_NAME', imageName],
    ['DOCKERFILE', dockerfile],
    ['PUSH', String(push)],
    ...(token === undefined ? [] : [['TOKEN_FILE', `${secretFolder}/${secretKeys.token}`] as const]),
    ...(dockerConfigJson === undefined
      ? []
      : [['DOCKER_CONFIG_FILE', `${secretFolder}/${secretKeys.dockerConfig}`] as const]),
  ];
  return env.map(([name, value]) => ({ name, value: literalText(value) }));
}

/** Readable for every user of the container: it is the only one of its pod, and images of clients run as whom they like. */
function volumesOf(repository: CheckedRepository, jobName: string): readonly Volume[] {
  if (!hasSecret(repository)) return [];
  return [{ name: 'repository', secret: { secretName: repositorySecretName(jobName), defaultMode: 0o444 } }];
}
