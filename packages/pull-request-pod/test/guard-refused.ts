import type { Shape } from './workloads.ts';

const secretEnv = { name: 'A', valueFrom: { secretKeyRef: { name: 'foreign', key: 'a' } } };
const mapEnv = { name: 'A', valueFrom: { configMapKeyRef: { name: 'foreign', key: 'a' } } };
const token = { sources: [{ serviceAccountToken: { path: 'token' } }] };
const volume = (source: object) => ({ pod: { volumes: [{ name: 'v', ...source }] } });

/** What leads to Secrets, to the node or to others: one change each of a pod that is accepted, and what the guard says of it. */
export const refusedPods: readonly (Shape & { readonly what: string; readonly says: string })[] = [
  { what: 'a Secret as volume', ...volume({ secret: { secretName: 'foreign' } }), says: 'mounts no Secret' },
  { what: 'a folder of the node', ...volume({ hostPath: { path: '/' } }), says: 'mounts no folder of the node' },
  {
    what: 'a projected Secret',
    ...volume({ projected: { sources: [{ secret: { name: 'foreign' } }] } }),
    says: 'no volumes but emptyDir',
  },
  { what: 'a token of its account', ...volume({ projected: token }), says: 'no volumes but emptyDir' },
  {
    what: 'a ConfigMap of others',
    ...volume({ configMap: { name: 'foreign' } }),
    says: 'mounts no ConfigMap but its own',
  },
  {
    what: 'a claim of others',
    ...volume({ persistentVolumeClaim: { claimName: 'foreign' } }),
    says: 'no volumes but emptyDir',
  },
  {
    what: 'a volume of a driver, which may name a Secret',
    ...volume({ csi: { driver: 'example.com', nodePublishSecretRef: { name: 'foreign' } } }),
    says: 'no volumes but emptyDir',
  },
  { what: 'a variable from a Secret', container: { env: [secretEnv] }, says: 'no variables from Secrets' },
  { what: 'a variable from a ConfigMap', container: { env: [mapEnv] }, says: 'no variables from Secrets' },
  {
    what: 'all variables of a Secret',
    container: { envFrom: [{ secretRef: { name: 'foreign' } }] },
    says: 'no variables from Secrets',
  },
  {
    what: 'a variable from a Secret in an init container',
    pod: { initContainers: [{ name: 'i', image: 'busybox:1', env: [secretEnv] }] },
    says: 'no variables from Secrets',
  },
  { what: 'the network of the node', pod: { hostNetwork: true }, says: 'does not share the network' },
  { what: 'the processes of the node', pod: { hostPID: true }, says: 'does not share the network' },
  { what: 'the memory of the node', pod: { hostIPC: true }, says: 'does not share the network' },
  {
    what: 'a port of the node',
    container: { ports: [{ containerPort: 80, hostPort: 8080 }] },
    says: 'no ports of the node',
  },
  { what: 'another account', pod: { serviceAccountName: 'somebody' }, says: 'runs as the account of its job' },
  { what: 'the account default', pod: { serviceAccountName: 'default' }, says: 'runs as the account of its job' },
  { what: 'a token that it asks for', pod: { automountServiceAccountToken: true }, says: 'without a token of it' },
  { what: 'credentials for images', pod: { imagePullSecrets: [{ name: 'foreign' }] }, says: 'pulls its image without' },
  { what: 'a node of its choice', pod: { nodeName: 'elsewhere' }, says: 'put on a node by the scheduler' },
  {
    what: 'a priority over pods of others',
    pod: { priorityClassName: 'system-node-critical' },
    says: 'takes no place of others',
  },
  {
    what: 'a toleration of everything',
    pod: { tolerations: [{ operator: 'Exists' }] },
    says: 'no node that is kept for something else',
  },
  {
    what: 'a toleration of the control plane',
    pod: { tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
    says: 'no node that is kept for something else',
  },
  ...(['livenessProbe', 'readinessProbe', 'startupProbe'] as const).map((probe) => ({
    what: `a ${probe} to another machine`,
    container: { [probe]: { httpGet: { host: '169.254.169.254', port: 80 } } },
    says: 'not by the network of the node',
  })),
  {
    what: 'a probe of a port of another machine',
    container: { readinessProbe: { tcpSocket: { host: '127.0.0.1', port: 10_250 } } },
    says: 'not by the network of the node',
  },
  ...(['postStart', 'preStop'] as const).map((hook) => ({
    what: `a ${hook} that asks another machine`,
    container: { lifecycle: { [hook]: { httpGet: { host: '169.254.169.254', port: 80 } } } },
    says: 'not by the network of the node',
  })),
  { what: 'an hour to end', pod: { terminationGracePeriodSeconds: 3600 }, says: 'ends within 60 seconds' },
  { what: 'a label of others', metadata: { labels: { web: 'front' } }, says: 'no labels but app' },
  { what: 'the name of another job', metadata: { labels: { 'pr-name': 'other' } }, says: 'no labels but app' },
  {
    what: 'an annotation for another program',
    metadata: { annotations: { 'sidecar.istio.io/userVolume': '{}' } },
    says: 'without annotations but those of buildx',
  },
  {
    what: 'an added capability',
    container: { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } },
    says: 'no added capabilities',
  },
  {
    what: 'a SELinux type of its own',
    container: { securityContext: { seLinuxOptions: { type: 'spc_t' } } },
    says: 'no SELinux, Windows or /proc settings',
  },
  {
    what: 'a SELinux type of its own for the pod',
    pod: { securityContext: { seLinuxOptions: { type: 'spc_t' } } },
    says: 'no SELinux, Windows or kernel settings',
  },
  {
    what: 'kernel settings',
    pod: { securityContext: { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] } },
    says: 'no SELinux, Windows or kernel settings',
  },
  { what: 'a privileged container', container: { securityContext: { privileged: true } }, says: 'is privileged only' },
  {
    what: 'a privileged init container',
    pod: { initContainers: [{ name: 'i', image: 'busybox:1', securityContext: { privileged: true } }] },
    says: 'is privileged only',
  },
];
