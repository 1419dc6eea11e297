import { capability, dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../checks/names.ts';
import { relativePath } from '../checks/paths.ts';
import { flag, list, map, object, oneOf, text, wholeNumber } from './field.ts';
import { image } from './image.ts';
import { optionalText } from './optional-text.ts';
import { patterns } from './patterns.ts';

const int32 = 2_147_483_647;
const objectName = { pattern: patterns.subdomain, maxLength: 253 };
const argument = text({ description: 'One argument.' });

const id = (description: string) => wholeNumber(0, int32, { description }).optional();

const capabilities = object(
  {
    add: list(text({ description: 'For example CHOWN.' }, capability), { description: 'Given back.' }).optional(),
    drop: list(text({ description: 'For example ALL.' }, capability), {
      description: 'Taken away.',
      default: ['ALL'],
    }).optional(),
  },
  { description: 'Capabilities of the container. All are dropped by default.' },
);

const securityContext = object(
  {
    runAsUser: id('User id. Default: that of the image.'),
    runAsGroup: id('Group id. Default: that of the image.'),
    fsGroup: id('Group that owns the volumes.'),
    runAsNonRoot: flag({ description: 'Whether an image that runs as root is refused.' }).optional(),
    readOnlyRootFilesystem: flag({ description: 'Whether only volumes can be written.' }).optional(),
    allowPrivilegeEscalation: flag({
      description: 'Whether a process may gain rights that its parent lacks.',
      default: false,
    }).optional(),
    capabilities: capabilities.optional(),
    seccompProfile: object(
      {
        type: oneOf(['RuntimeDefault', 'Unconfined', 'Localhost'], { description: 'Which list of system calls.' }),
        localhostProfile: optionalText(
          {
            description: 'File on the node, for Localhost: a path below the folder of the kubelet.',
            pattern: patterns.relative,
          },
          relativePath,
        ),
      },
      { description: 'System calls that the container may use. Default: RuntimeDefault.' },
    ).optional(),
  },
  { description: 'Changes the secure default of pod and containers, field by field.' },
);

const toleration = object(
  {
    key: optionalText({ description: 'Key of the taint. Empty, with Exists: every taint.' }, qualifiedName),
    operator: oneOf(['Exists', 'Equal'], { description: 'How it is compared.', default: 'Equal' }).optional(),
    value: optionalText({ description: 'Value of the taint, for Equal.' }, labelValue),
    effect: oneOf(['NoSchedule', 'PreferNoSchedule', 'NoExecute'], {
      description: 'Effect of the taint. Default: every effect.',
    }).optional(),
    tolerationSeconds: wholeNumber(0, Number.MAX_SAFE_INTEGER, {
      description: 'Seconds after which the pod leaves a node with such a NoExecute taint. Default: never.',
    }).optional(),
  },
  { description: 'One taint that does not keep the pod away.' },
);

const failureRule = object(
  {
    action: oneOf(['FailJob', 'Ignore', 'Count'], {
      description: 'FailJob: no further try. Ignore: does not count. Count: counts against backoffLimit.',
    }),
    onExitCodes: object(
      {
        containerName: optionalText({ description: 'Only for this container. Default: any.' }),
        operator: oneOf(['In', 'NotIn'], { description: 'Whether the code has to be among the values.' }),
        values: list(wholeNumber(0, 255, { description: 'An exit code.' }), {
          description: 'Exit codes, 1 to 255 of them.',
        }),
      },
      { description: 'Holds by the exit code of a container.' },
    ).optional(),
    onPodConditions: list(
      object(
        {
          type: text({ description: 'For example DisruptionTarget.' }, qualifiedName),
          status: oneOf(['True', 'False', 'Unknown'], {
            description: 'Status of the condition.',
            default: 'True',
          }).optional(),
        },
        { description: 'One condition.' },
      ),
      { description: 'Holds if the pod has one of these conditions; 1 to 20 of them.' },
    ).optional(),
  },
  { description: 'One rule: exactly one of onExitCodes and onPodConditions.' },
);

const initContainer = object(
  {
    name: text(
      { description: 'Name of the container, unique, and not job-container.', pattern: patterns.label, maxLength: 63 },
      dnsLabel,
    ),
    image,
    command: list(argument, {
      description: 'Program and arguments. Default: those of the image.',
      default: [],
    }).optional(),
    args: list(argument, { description: 'Arguments. Default: those of the image.', default: [] }).optional(),
  },
  {
    description:
      'One container that runs to its end before the job’s. It has the same environment, mounts and resources.',
  },
);

/** What Kubernetes has and the 18 fields lack. Each changes nothing when it is not set. */
export const podFields = {
  serviceAccountName: optionalText(
    { description: 'Service account of the pod, whose token is then mounted. Default: no token.', ...objectName },
    dnsSubdomain,
  ),
  nodeSelector: map(
    text({ description: 'Value of the label.', pattern: patterns.labelValue, maxLength: 63 }, labelValue),
    { description: 'Labels that a node must have.' },
    patterns.qualified,
  ).optional(),
  tolerations: list(toleration, { description: 'Taints of nodes that do not keep the pod away.' }).optional(),
  securityContext: securityContext.optional(),
  runtimeClassName: optionalText(
    { description: 'RuntimeClass of the pod, for example gvisor.', ...objectName },
    dnsSubdomain,
  ),
  hostUsers: flag({ description: 'false gives the pod a user namespace of its own.' }).optional(),
  podFailurePolicy: object(
    { rules: list(failureRule, { description: 'The first rule that holds decides; at most 20.' }) },
    { description: 'Which failures count. Needs restartPolicy Never.' },
  ).optional(),
  initContainers: list(initContainer, {
    description: 'Containers that run one after the other before the job’s.',
  }).optional(),
};
