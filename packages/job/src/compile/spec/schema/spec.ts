import { dnsSubdomain } from '../checks/names.ts';
import { defaults } from '../defaults.ts';
import { env } from './env.ts';
import { flag, list, map, object, oneOf, text, wholeNumber, wholeNumberOrNull } from './field.ts';
import { image } from './image.ts';
import { optionalText } from './optional-text.ts';
import { patterns } from './patterns.ts';
import { podFields } from './pod.ts';
import { reference, textOrReference } from './reference.ts';
import { resources } from './resources.ts';
import { volumeMounts } from './volume-mounts.ts';

/** Kubernetes keeps these in 32 bits with a sign, so the upper half of the original's uint32 is refused there. */
const int32 = 2_147_483_647;
/** 292 years: the API server counts a deadline in nanoseconds, in 64 bits with a sign, and a larger one would overflow. */
const longestDeadline = 9_223_372_036;

const targetCluster = object(
  {
    clusterKind: oneOf(
      ['AzureAksCluster', 'AwsEksCluster', 'GcpGkeCluster', 'DigitalOceanKubernetesCluster', 'CivoKubernetesCluster'],
      {
        description: 'Kind of the cluster.',
      },
    ).optional(),
    clusterName: optionalText(
      { description: 'Name of the cluster.', pattern: patterns.subdomain, maxLength: 253 },
      dnsSubdomain,
    ),
  },
  { description: 'The cluster that the job is meant for.' },
);

export const spec = object(
  {
    targetCluster: targetCluster.optional(),
    namespace: textOrReference(
      {
        description: 'Namespace of everything that the job makes: a text, {value} or {valueFrom}.',
        examples: ['jobs'],
      },
      reference(defaults.namespaceReference.kind, defaults.namespaceReference.fieldPath),
    ),
    createNamespace: flag({
      description:
        'Whether the namespace is made. Deleting the job then removes it too, if nothing of others is in it.',
      default: defaults.createNamespace,
    }).optional(),
    image,
    resources: resources.optional(),
    env: env.optional(),
    parallelism: wholeNumberOrNull(0, int32, {
      description: 'Pods at a time; 100,000 at most with Indexed. 0 or null: left out of the Job.',
      default: defaults.parallelism,
    }).optional(),
    completions: wholeNumberOrNull(0, int32, {
      description:
        'Pods that have to succeed. Default: 1, but with parallelism above 1 none, which is a work queue: done when one pod has succeeded and all have ended. 0 or null: left out of the Job.',
      default: defaults.completions,
    }).optional(),
    backoffLimit: wholeNumber(0, int32, {
      description: 'Failures after which the job has failed. 0: no second try.',
      default: defaults.backoffLimit,
    }).optional(),
    activeDeadlineSeconds: wholeNumberOrNull(0, longestDeadline, {
      description: 'Seconds after which a job that still runs is stopped and has failed. 0 or null: none.',
    }).optional(),
    ttlSecondsAfterFinished: wholeNumberOrNull(0, int32, {
      description: 'Seconds after its end at which the cluster removes the job. 0 or null: never.',
    }).optional(),
    completionMode: oneOf(['NonIndexed', 'Indexed'], {
      description: 'Indexed: each pod has JOB_COMPLETION_INDEX, 0 to completions − 1.',
      default: defaults.completionMode,
    }).optional(),
    restartPolicy: oneOf(['OnFailure', 'Never'], {
      description: 'Never: a new pod for each try. OnFailure: the container is started again in its pod.',
      default: defaults.restartPolicy,
    }).optional(),
    command: list(text({ description: 'One argument.' }), {
      description: 'Program and arguments, not read by a shell. Default: those of the image.',
      default: [],
    }).optional(),
    args: list(text({ description: 'One argument.' }), {
      description: 'Arguments. Default: those of the image.',
      default: [],
    }).optional(),
    configMaps: map(
      text({ description: 'Content of the ConfigMap, under a key of the same name.' }),
      { description: 'ConfigMaps to make: name → content, each 1 MiB at most.', default: {} },
      patterns.subdomain,
    ).optional(),
    volumeMounts,
    suspend: flag({ description: 'Whether the Job is made without starting.', default: defaults.suspend }).optional(),
    ...podFields,
  },
  { description: 'What runs, and how.' },
);
