import type { Container, PodSpec } from '@ephemera/model';
import { expect, test } from 'vitest';
import { checkOptions } from '../options/check-options.ts';
import type { SandboxOptions } from '../sandbox-options.ts';
import { sandboxPod } from './pod.ts';

const podOf = (options: SandboxOptions = {}): PodSpec => sandboxPod('sandbox-0123456789', checkOptions(options));
const containerOf = (pod: PodSpec): Container => {
  const [container, ...more] = pod.containers;
  expect(more).toEqual([]);
  if (!container) throw new Error('the pod has no container');
  return container;
};

/** The standard `restricted` of Pod Security, rule by rule, as kubernetes.io/docs/concepts/security/pod-security-standards has them. */
const restricted: readonly (readonly [string, (pod: PodSpec, container: Container) => boolean])[] = [
  ['no host namespaces', (pod) => !['hostNetwork', 'hostPID', 'hostIPC'].some((key) => key in pod)],
  ['no privileged container', (_, { securityContext }) => securityContext?.['privileged'] !== true],
  ['drops ALL', (_, { securityContext }) => JSON.stringify(securityContext?.['capabilities']) === '{"drop":["ALL"]}'],
  ['no escalation', (_, { securityContext }) => securityContext?.['allowPrivilegeEscalation'] === false],
  ['runs as non-root', ({ securityContext }) => securityContext?.['runAsNonRoot'] === true],
  ['user is not 0', ({ securityContext }) => Number(securityContext?.['runAsUser']) > 0],
  [
    'seccomp',
    ({ securityContext }) => JSON.stringify(securityContext?.['seccompProfile']) === '{"type":"RuntimeDefault"}',
  ],
  ['volume types', ({ volumes = [] }) => volumes.every((volume) => 'configMap' in volume || 'emptyDir' in volume)],
  ['no host ports', (_, container) => !('ports' in container)],
  ['no proc mount', (_, { securityContext }) => !('procMount' in (securityContext ?? {}))],
  ['no sysctls', ({ securityContext }) => !('sysctls' in (securityContext ?? {}))],
  [
    'no other profiles',
    ({ securityContext }) =>
      !['seLinuxOptions', 'appArmorProfile', 'windowsOptions'].some((key) => key in (securityContext ?? {})),
  ],
];

const everything: SandboxOptions = {
  user: 4242,
  readOnlyRoot: false,
  disk: { size: '1Gi', medium: 'memory' },
  hostUsers: false,
  runtimeClassName: 'gvisor',
  tolerations: [{ key: 'a', operator: 'Exists' }],
  imagePullSecrets: ['pull'],
  nodeSelector: { pool: 'x' },
  idleTimeoutMs: 60_000,
};

test.each(restricted)(
  'a pod passes the rule of Pod Security restricted: %s, whatever else is asked for',
  (_, holds) => {
    for (const options of [{}, everything]) {
      const pod = podOf(options);
      expect(holds(pod, containerOf(pod))).toBe(true);
    }
  },
);

test('only a pod of user 0 says that it runs as root', () => {
  expect(podOf({ user: 0 }).securityContext).toMatchObject({ runAsNonRoot: false, runAsUser: 0 });
});

test('a pod gets no token, no variables about Services, and an account without rights', () => {
  expect(podOf()).toMatchObject({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    serviceAccountName: 'ci-fixer-sandbox',
  });
});

test('the runner can be executed and not read, and no fsGroup makes it readable', () => {
  const pod = podOf();
  expect(pod.volumes).toContainEqual({
    name: 'runner',
    configMap: { name: 'sandbox-0123456789-runner', items: [{ key: 'runner', path: 'runner' }], defaultMode: 0o111 },
  });
  expect(pod.securityContext).not.toHaveProperty('fsGroup');
});

test('the first process is the runner with the limits that it enforces itself', () => {
  const { command } = containerOf(podOf({ timeoutMs: 60_000, idleTimeoutMs: 5_000 }));
  expect(command?.join(' ')).toBe(
    '/.ephemera/bin/runner init --work /workspace --expires-in 60000 --idle 5000 --keep 67108864 --keep-all 536870912',
  );
});

test('the image is read-only but for work folder, home and /tmp, which share one disk of a limited size', () => {
  const pod = podOf({ disk: { size: '1Gi' } });
  const { volumeMounts = [], securityContext, env } = containerOf(pod);
  expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true });
  expect(volumeMounts.filter(({ name }) => name === 'work').map(({ mountPath }) => mountPath)).toEqual([
    '/workspace',
    '/home/sandbox',
    '/tmp',
  ]);
  expect(pod.volumes).toContainEqual({ name: 'work', emptyDir: { sizeLimit: '1Gi' } });
  expect(env).toEqual([{ name: 'HOME', value: '/home/sandbox' }]);
});

test('environment and metadata of the user are nowhere in the pod', () => {
  expect(JSON.stringify(podOf({ env: { TOKEN: 'hunter2' }, metadata: { note: 'hunter3' } }))).not.toMatch(
    /hunter|TOKEN/,
  );
});

test('limits and requests count processor, memory and disk', () => {
  expect(containerOf(podOf()).resources).toEqual({
    limits: { cpu: '1000m', memory: '2Gi', 'ephemeral-storage': '4Gi' },
    requests: { cpu: '250m', memory: '512Mi', 'ephemeral-storage': '1Gi' },
  });
});

test('what is asked of nodes is passed on', () => {
  expect(podOf({ ...everything, arch: 'arm64' })).toMatchObject({
    nodeSelector: { pool: 'x', 'kubernetes.io/arch': 'arm64' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    imagePullSecrets: [{ name: 'pull' }],
    runtimeClassName: 'gvisor',
    hostUsers: false,
  });
});
