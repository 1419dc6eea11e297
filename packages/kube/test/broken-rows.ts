import type { Diagnosis, Graces } from '../src/index.ts';
import type { Broken } from './broken-job.ts';

interface Row extends Pick<Diagnosis, 'code' | 'final' | 'retryable'> {
  /** What is told, in the words of the cluster. */
  readonly says: RegExp;
  readonly broken: Broken;
  readonly graces?: Partial<Graces>;
}

const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] });
const volumeMounts = [{ name: 'v', mountPath: '/x' }];
const mounted = { volumeMounts };
const env = (kind: 'secretKeyRef' | 'configMapKeyRef', name: string, key: string) => ({
  container: { env: [{ name: 'X', valueFrom: { [kind]: { name, key } } }] },
});
const eater = { command: ['tail', '/dev/zero'], resources: { limits: { memory: '16Mi' } } };
const config = { code: 'pod.config', final: true, retryable: false } as const;
const create = { code: 'pod.create', final: true, retryable: false } as const;
const imageName = { code: 'pod.image_name', final: true, retryable: false } as const;
const late = { final: true, retryable: true } as const;
export const soon: Partial<Graces> = { volumeMs: 3000, unschedulableMs: 3000 };

/** All that can be broken with what every cluster has. The unit tests have the same words. */
export const rows: Readonly<Record<string, Row>> = {
  'image-in-capitals': {
    broken: { container: { image: 'BUSYBOX:1' } },
    ...imageName,
    says: /invalid reference format: repository name \(library\/BUSYBOX\) must be lowercase\.$/,
  },
  'image-with-two-colons': {
    broken: { container: { image: 'busybox::bad' } },
    ...imageName,
    says: /couldn't parse image name "busybox::bad": invalid reference format\.$/,
  },
  'image-never-pulled': {
    broken: { container: { image: 'docker.io/library/nope:1', imagePullPolicy: 'Never' } },
    ...imageName,
    says: /Container image "docker.io\/library\/nope:1" is not present with pull policy of Never\.$/,
  },
  'image-unknown': {
    broken: { container: { image: 'docker.io/library/does-not-exist:1' } },
    code: 'pod.image_pull',
    ...late,
    says: /which cannot be pulled: .*docker.io\/library\/does-not-exist:1/,
  },
  'secret-missing': {
    broken: env('secretKeyRef', 'nope', 'a'),
    ...config,
    says: /cannot start: secret "nope" not found\.$/,
  },
  'secret-key-missing': {
    broken: env('secretKeyRef', 'some', 'b'),
    ...config,
    says: /cannot start: couldn't find key b in Secret kube-test-\S+\/some\.$/,
  },
  'config-map-missing': {
    broken: { container: { envFrom: [{ configMapRef: { name: 'nope' } }] } },
    ...config,
    says: /cannot start: configmap "nope" not found\.$/,
  },
  'config-map-key-missing': {
    broken: env('configMapKeyRef', 'some', 'b'),
    ...config,
    says: /cannot start: couldn't find key b in ConfigMap kube-test-\S+\/some\.$/,
  },
  'root-refused': {
    broken: { container: { securityContext: { runAsNonRoot: true } } },
    ...config,
    says: /cannot start: container has runAsNonRoot and image will run as root/,
  },
  'command-missing': {
    broken: { container: { command: ['/nope'] }, job: { backoffLimit: 6 } },
    ...create,
    says: /cannot start: exec: "\/nope": stat \/nope: no such file or directory\.$/,
  },
  'mount-on-a-file': {
    broken: {
      container: { volumeMounts: [{ name: 'v', mountPath: '/etc/passwd' }] },
      pod: volume({ emptyDir: {} }),
    },
    ...create,
    says: /cannot start: error mounting .* to rootfs at "\/etc\/passwd": .*not a directory\.$/,
  },
  crash: {
    broken: { container: { command: ['sh', '-c', 'echo no; exit 3'] } },
    code: 'pod.crashed',
    final: true,
    retryable: false,
    says: /ended with exit code 3\.$/,
  },
  'crash-again-and-again': {
    broken: {
      container: { command: ['sh', '-c', 'exit 3'] },
      pod: { restartPolicy: 'OnFailure' },
      job: { backoffLimit: 6 },
    },
    code: 'pod.crashed',
    final: false,
    retryable: false,
    says: /ended with exit code 3, after \d restarts?\.$/,
  },
  'memory-eater': {
    broken: { container: eater },
    code: 'pod.out_of_memory',
    final: true,
    retryable: false,
    says: /used more than its memory limit of 16Mi \(OOMKilled, exit code 137\)\.$/,
  },
  'memory-eater-that-runs-again': {
    broken: {
      container: {
        ...eater,
        volumeMounts,
        command: ['sh', '-c', '[ -e /x/once ] && exec sleep 600; touch /x/once; exec tail /dev/zero'],
      },
      pod: { restartPolicy: 'OnFailure', ...volume({ emptyDir: {} }) },
      job: { backoffLimit: 6 },
    },
    code: 'pod.out_of_memory',
    final: false,
    retryable: false,
    says: /\(OOMKilled, exit code 137\), after 1 restart; it runs again\.$/,
  },
  'init-failed': {
    broken: { pod: { initContainers: [{ name: 'setup', image: 'busybox:1', command: ['sh', '-c', 'exit 7'] }] } },
    code: 'pod.init_failed',
    final: true,
    retryable: false,
    says: /^Init container setup of pod \S+ ended with exit code 7, so the pod does not start\.$/,
  },
  'cpu-wanted': {
    broken: { container: { resources: { requests: { cpu: '1000' } } } },
    graces: soon,
    code: 'pod.unschedulable',
    ...late,
    says: /nodes are available: .*Insufficient cpu\./,
  },
  'node-wanted': {
    broken: { pod: { nodeSelector: { no: 'where' } } },
    graces: soon,
    code: 'pod.unschedulable',
    ...late,
    says: /node\(s\) didn't match Pod's node affinity\/selector\./,
  },
  'claim-missing': {
    broken: { container: mounted, pod: volume({ persistentVolumeClaim: { claimName: 'nope' } }) },
    graces: soon,
    code: 'pod.unschedulable',
    ...late,
    says: /persistentvolumeclaim "nope" not found/,
  },
  'volume-missing': {
    broken: { container: mounted, pod: volume({ configMap: { name: 'nope' } }) },
    graces: soon,
    code: 'pod.volume',
    ...late,
    says: /waits for a volume: MountVolume.SetUp failed for volume "v" : configmap "nope" not found\.$/,
  },
  'volume-key-missing': {
    broken: { container: mounted, pod: volume({ secret: { secretName: 'some', items: [{ key: 'zz', path: 'q' }] } }) },
    graces: soon,
    code: 'pod.volume',
    ...late,
    says: /waits for a volume: MountVolume.SetUp failed for volume "v" : references non-existent secret key: zz\.$/,
  },
  'quota-used-up': {
    broken: { namespace: 'quota' },
    code: 'pod.quota',
    final: false,
    retryable: true,
    says: /^The pods of Job quota-used-up wait for room, as quota few is used up: asked for pods=1, in use pods=0, limit pods=0\.$/,
  },
  'quota-without-limits': {
    broken: { namespace: 'limits-wanted' },
    code: 'pod.admission',
    final: true,
    retryable: false,
    says: /refuses the pods of Job quota-without-limits: failed quota: few: must specify limits.cpu for: main/,
  },
  'security-level': {
    broken: { namespace: 'restricted' },
    code: 'pod.admission',
    final: true,
    retryable: false,
    says: /violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false \(container "main" must set/,
  },
  'limit-range': {
    broken: { namespace: 'ranged', container: { resources: { limits: { cpu: '2' } } } },
    code: 'pod.admission',
    final: true,
    retryable: false,
    says: /refuses the pods of Job limit-range: maximum cpu usage per Container is 1, but limit is 2\.$/,
  },
  'account-missing': {
    broken: { pod: { serviceAccountName: 'nobody' } },
    code: 'pod.account',
    final: true,
    retryable: false,
    says: /cannot be made: error looking up service account kube-test-\S+\/nobody: serviceaccount "nobody" not found\.$/,
  },
  deadline: {
    broken: { job: { activeDeadlineSeconds: 2 } },
    code: 'job.deadline',
    final: true,
    retryable: false,
    says: /^Job deadline ran longer than its limit of 2 s \(activeDeadlineSeconds\): Job was active longer than specified deadline\.$/,
  },
  'deadline-of-the-pod': {
    broken: { pod: { activeDeadlineSeconds: 2 } },
    code: 'job.deadline',
    final: true,
    retryable: false,
    says: /its own limit .*: Pod was active on the node longer than the specified deadline\.$/,
  },
  'disk-used-up': {
    broken: {
      container: { volumeMounts, command: ['sh', '-c', 'dd if=/dev/zero of=/x/f bs=1M count=5; exec sleep 600'] },
      pod: volume({ emptyDir: { sizeLimit: '1Mi' } }),
    },
    code: 'pod.evicted',
    final: true,
    retryable: true,
    says: /^Pod \S+ was evicted \(node \S+\): Evicted: Usage of EmptyDir volume "v" exceeds the limit "1Mi"\.$/,
  },
};
