import { expect, test } from 'vitest';
import { briefly, manifest } from '../../../test/manifests.ts';
import { parseJob } from '../index.ts';

const init = (fields: object = {}) => ({ name: 'prepare', image: { repo: 'busybox', tag: '1' }, ...fields });
const codes = (onExitCodes: object) => ({
  action: 'FailJob',
  onExitCodes: { operator: 'In', values: [1], ...onExitCodes },
});
const policy = (...rules: readonly unknown[]) => ({ podFailurePolicy: { rules } });

test('what is not set is not in the job, and what is set is', () => {
  const spec = {
    serviceAccountName: 'runner',
    nodeSelector: { 'kubernetes.io/arch': 'amd64' },
    tolerations: [
      { operator: 'Exists' },
      { key: 'example.com/gpu', operator: 'Equal', value: 'yes', effect: 'NoExecute', tolerationSeconds: 60 },
    ],
    securityContext: {
      runAsUser: 1000,
      runAsNonRoot: true,
      capabilities: { add: ['CHOWN'], drop: ['ALL'] },
      seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/a.json' },
    },
    runtimeClassName: 'gvisor',
    hostUsers: false,
    podFailurePolicy: {
      rules: [
        { action: 'FailJob', onExitCodes: { containerName: 'job-container', operator: 'In', values: [1, 42] } },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ],
    },
    initContainers: [{ ...init(), command: ['sh'], args: ['-c', 'true'] }],
  };
  expect(parseJob(manifest(spec)).spec).toMatchObject(spec);
  const unset: object = parseJob(manifest()).spec;
  expect(Object.keys(spec).filter((key) => key in unset)).toEqual([]);
});

test('exit codes come in order and once, and a condition means that it is true', () => {
  const { spec } = parseJob(
    manifest(policy(codes({ values: [42, 3, 42] }), { action: 'Ignore', onPodConditions: [{ type: 'A' }] })),
  );
  expect(spec.podFailurePolicy?.rules).toEqual([
    { action: 'FailJob', onExitCodes: { operator: 'In', values: [3, 42] } },
    { action: 'Ignore', onPodConditions: [{ type: 'A', status: 'True' }] },
  ]);
});

const rule = 'spec.podFailurePolicy.rules[0]';

test.each([
  [
    'spec.podFailurePolicy needs restartPolicy Never, and it is OnFailure',
    { restartPolicy: 'OnFailure', ...policy(codes({})) },
  ],
  [
    'spec.podFailurePolicy.rules has 21 rules, and Kubernetes takes 20',
    policy(...Array.from({ length: 21 }, () => codes({}))),
  ],
  [`${rule}.action is not one of the values that it can have`, policy({ ...codes({}), action: 'FailIndex' })],
  [`${rule} has no source`, policy({ action: 'Ignore' })],
  [
    `${rule} has several sources: onExitCodes, onPodConditions`,
    policy({ ...codes({}), onPodConditions: [{ type: 'A' }] }),
  ],
  [`${rule}.onExitCodes.values has 0 exit codes`, policy(codes({ values: [] }))],
  [
    `${rule}.onExitCodes.values has 256 exit codes`,
    policy(codes({ operator: 'NotIn', values: Array.from({ length: 256 }, (_, code) => code) })),
  ],
  [`${rule}.onExitCodes.values has 0, which is no failure`, policy(codes({ values: [0, 1] }))],
  [`${rule}.onExitCodes.values[1] is not between 0 and 255`, policy(codes({ values: [1, 256] }))],
  [`${rule}.onExitCodes.operator is not one of the values that it can have`, policy(codes({ operator: 'Is' }))],
  [`${rule}.onExitCodes.containerName is no container of the job`, policy(codes({ containerName: 'main' }))],
  [`${rule}.onPodConditions has 0 conditions`, policy({ action: 'Count', onPodConditions: [] })],
  [
    `${rule}.onPodConditions[0].type is not a legal key`,
    policy({ action: 'Count', onPodConditions: [{ type: 'a b' }] }),
  ],
  ['spec.initContainers[0].name is missing', { initContainers: [init({ name: undefined })] }],
  ['spec.initContainers[0].name is not a DNS label', { initContainers: [init({ name: 'A' })] }],
  [
    "spec.initContainers[0].name is the name of the job's own container",
    { initContainers: [init({ name: 'job-container' })] },
  ],
  ['spec.initContainers[1].name is the name of spec.initContainers[0] too', { initContainers: [init(), init()] }],
  ['spec.initContainers[0].image.tag is missing', { initContainers: [init({ image: { repo: 'busybox' } })] }],
  ['spec.initContainers[0].command is not a list', { initContainers: [init({ command: 'true' })] }],
  ['spec.serviceAccountName is not a name that Kubernetes takes', { serviceAccountName: 'Runner' }],
  ['spec.runtimeClassName is not a name that Kubernetes takes', { runtimeClassName: '.' }],
  ['spec.hostUsers is not true or false', { hostUsers: 'no' }],
  ['spec.nodeSelector["a b"] is not a legal key', { nodeSelector: { 'a b': 'x' } }],
  ['spec.nodeSelector.arch is not a legal label value', { nodeSelector: { arch: 'a b' } }],
  ['spec.tolerations[0].key is missing', { tolerations: [{ value: 'x' }] }],
  ['spec.tolerations[0].key is not a legal key', { tolerations: [{ key: 'a b' }] }],
  [
    'spec.tolerations[0].value is set beside operator Exists, which compares no value',
    { tolerations: [{ key: 'a', operator: 'Exists', value: 'x' }] },
  ],
  [
    'spec.tolerations[0].tolerationSeconds is only for effect NoExecute',
    { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 }] },
  ],
  [
    'spec.tolerations[0].effect is not one of the values that it can have',
    { tolerations: [{ key: 'a', effect: 'Never' }] },
  ],
  ['spec.securityContext.runAsUser is not between 0 and 2147483647', { securityContext: { runAsUser: -1 } }],
  [
    'spec.securityContext.runAsUser is root, which runAsNonRoot refuses',
    { securityContext: { runAsUser: 0, runAsNonRoot: true } },
  ],
  [
    'spec.securityContext.capabilities.add[0] has the prefix CAP_',
    { securityContext: { capabilities: { add: ['CAP_CHOWN'] } } },
  ],
  [
    'spec.securityContext.capabilities.drop[0] is not the name of a capability',
    { securityContext: { capabilities: { drop: ['all'] } } },
  ],
  ['spec.securityContext.seccompProfile.type is missing', { securityContext: { seccompProfile: {} } }],
  [
    'spec.securityContext.seccompProfile.localhostProfile is missing, and type Localhost needs it',
    { securityContext: { seccompProfile: { type: 'Localhost' } } },
  ],
  [
    'spec.securityContext.seccompProfile.localhostProfile is only for type Localhost, and the type is Unconfined',
    { securityContext: { seccompProfile: { type: 'Unconfined', localhostProfile: 'a' } } },
  ],
  ...(
    [
      ['/abs', 'is not relative'],
      ['../x', 'has ".." in it'],
      ['a/../b', 'has ".." in it'],
    ] as const
  ).map(([localhostProfile, problem]): [string, object] => [
    `spec.securityContext.seccompProfile.localhostProfile ${problem}`,
    { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile } } },
  ]),
  ['spec.args[1] has a zero byte, which ends a text for Linux', { args: ['a', 'b\0'] }],
  [
    'spec.initContainers[0].command[0] is 131073 bytes for Linux, which gives a program at most 131072 in one argument or variable',
    { initContainers: [init({ command: ['x'.repeat(131_072)], args: ['x'.repeat(131_071)] })] },
  ],
  ['spec.securityContext.privileged is not a known key', { securityContext: { privileged: true } }],
])('%s', (problem, spec) => {
  expect(briefly(manifest(spec))).toEqual([problem]);
});

test('a rule may name an init container', () => {
  expect(briefly(manifest({ initContainers: [init()], ...policy(codes({ containerName: 'prepare' })) }))).toEqual([]);
});
