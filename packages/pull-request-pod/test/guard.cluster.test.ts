import { randomBytes } from 'node:crypto';
import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import type { Manifest } from '@ephemera/model';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  guardObjects,
  privilegedBuildersLabel,
  roleBindingObject,
  roleObject,
  serviceAccountObject,
} from '../src/index.ts';
import { builderShape, type BuilderOptions } from './builder-shapes.ts';

const patience = { timeout: 60_000, interval: 200 };
const run = randomBytes(4).toString('hex');
const runLabel = 'ephemera.test/run';
const plain = `pr-guard-${run}`;
const labelled = `pr-guard-labelled-${run}`;
const namespaces = [plain, labelled];
const builder = 'pr-job-guarded-1767225600000';
const others = ['somebody', 'guarded-buildx-sa-2'];
const account = (namespace: string, name = 'guarded-buildx-sa') => `system:serviceaccount:${namespace}:${name}`;

beforeAll(async () => {
  const labels = { [runLabel]: run };
  for (const name of namespaces) {
    const privileged = name === labelled ? { [privilegedBuildersLabel]: 'true' } : {};
    await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...labels, ...privileged } } });
    const place = { name: 'guarded', namespace: name };
    for (const object of [serviceAccountObject(place), roleObject(place, 'seed'), roleBindingObject(place)])
      await create(object);
    // Also what a job's Role does not allow, so that it is the guard that refuses.
    await create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'somebody', namespace: name } });
    await create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'edit', namespace: name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
      subjects: ['guarded-buildx-sa', ...others].map((subject) => ({
        kind: 'ServiceAccount',
        name: subject,
        namespace: name,
      })),
    });
  }
  // As whoever makes a job applies it; it is shared, so it stays.
  for (const object of guardObjects())
    await kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=ephemera', '-f', '-'], object);
  await vi.waitFor(async () => {
    expect((await refusals([builderShape(builder, plain)])).get(builder)).toContain('privileged');
    await kubectl(['get', 'serviceaccount', 'default', '-n', plain]);
    await kubectl(['get', 'serviceaccount', 'default', '-n', labelled]);
  }, patience);
}, 120_000);

afterAll(async () => {
  await kubectl(['delete', 'namespaces', '-l', `${runLabel}=${run}`, '--ignore-not-found', '--wait=true']);
}, 120_000);

test('the cluster finds no mistake in the types of the guard', async () => {
  const policy = await vi.waitFor(async () => {
    const found = await kubectlJson<{
      readonly metadata: { readonly generation: number };
      readonly status?: { readonly observedGeneration?: number; readonly typeChecking?: object };
    }>('get', 'validatingadmissionpolicy', 'ephemera-pull-request-pods');
    expect(found.status?.observedGeneration).toBe(found.metadata.generation);
    return found;
  }, patience);
  expect(policy.status?.typeChecking ?? {}).toEqual({});
});

test('everything that buildx makes rootless is accepted', async () => {
  const shapes: readonly BuilderOptions[] = [
    { rootless: true },
    { rootless: true, configs: ['config', 'config-1'] },
    { rootless: true, storage: '1Gi' },
    { rootless: true, storage: '1Gi', configs: ['config'] },
    { rootless: true, memory: '64Mi', env: { HTTP_PROXY: 'http://proxy:3128' }, limits: { cpu: '1', memory: '1Gi' } },
  ];
  const objects = shapes.map((options, index) => builderShape(`${builder}-${index}`, plain, options));
  expect(await refusals(objects)).toEqual(new Map());
});

const privilegedShapes: readonly BuilderOptions[] = [
  {},
  { qemu: true },
  { storage: '1Gi' },
  { memory: '64Mi' },
  { configs: ['config', 'config-1'] },
  { rootless: true, qemu: true },
];

test('everything that buildx makes privileged is accepted where the namespace says so, and nowhere else', async () => {
  const inNamespace = (namespace: string) =>
    privilegedShapes.map((options, index) => builderShape(`${builder}-${index}`, namespace, options));

  expect(await refusals(inNamespace(labelled), account(labelled))).toEqual(new Map());

  const refused = await refusals(inNamespace(plain));
  expect([...refused.keys()]).toEqual(inNamespace(plain).map(({ metadata }) => metadata.name));
  for (const message of refused.values()) expect(message).toContain('A builder is privileged only in a namespace');
});

const secretEnv = { name: 'A', valueFrom: { secretKeyRef: { name: 'foreign', key: 'a' } } };
const mapEnv = { name: 'A', valueFrom: { configMapKeyRef: { name: 'foreign', key: 'a' } } };
const token = (more: object) => ({ sources: [{ serviceAccountToken: { path: 'token', ...more } }] });
const volume = (source: object) => ({ pod: { volumes: [{ name: 'v', ...source }] } });

const bad: readonly {
  readonly what: string;
  readonly pod?: object;
  readonly container?: object;
  readonly says: string;
}[] = [
  { what: 'a Secret as volume', ...volume({ secret: { secretName: 'foreign' } }), says: 'mounts no Secret' },
  { what: 'a folder of the node', ...volume({ hostPath: { path: '/' } }), says: 'mounts no folder of the node' },
  {
    what: 'a projected Secret',
    ...volume({ projected: { sources: [{ secret: { name: 'foreign' } }] } }),
    says: 'no projected volume',
  },
  {
    what: 'a token for another audience',
    ...volume({ projected: token({ audience: 'vault' }) }),
    says: 'no projected',
  },
  {
    what: 'a projected ConfigMap of others',
    ...volume({ projected: { sources: [{ configMap: { name: 'foreign' } }] } }),
    says: 'no projected volume',
  },
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
  { what: 'another account', pod: { serviceAccountName: 'somebody' }, says: 'runs as the account default' },
  { what: 'another account by its old name', pod: { serviceAccount: 'somebody' }, says: 'runs as the account default' },
  { what: 'credentials for images', pod: { imagePullSecrets: [{ name: 'foreign' }] }, says: 'pulls its image without' },
  { what: 'a node of its choice', pod: { nodeName: 'elsewhere' }, says: 'put on a node by the scheduler' },
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

for (const kind of ['Pod', 'Deployment', 'StatefulSet'] as const) {
  test(`a ${kind} of a job’s account is refused with each thing that leads to Secrets, to the node or to others`, async () => {
    const objects = bad.map(({ pod, container }, index) => workload(kind, `bad-${index}`, { pod, container }));
    const refused = await refusals(objects);
    const said = bad.map(({ what }, index) => [what, messageOf(refused.get(`bad-${index}`))]);
    expect(said).toEqual(bad.map(({ what, says }) => [what, expect.stringContaining(says)]));
  });

  test(`a plain ${kind} of a job’s account is accepted`, async () => {
    expect(await refusals([workload(kind, 'fine')])).toEqual(new Map());
  });
}

test('a StatefulSet of a job’s account cannot claim the storage of others', async () => {
  const claim = (metadata: object, spec: object = {}) => ({
    metadata,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
  const claims = [
    claim({ name: 'data' }),
    claim({ name: 'buildkitd' }, { dataSource: { kind: 'PersistentVolumeClaim', name: 'foreign' } }),
    claim({ name: 'buildkitd' }, { volumeName: 'foreign' }),
  ];
  const objects = claims.map((volumeClaimTemplates, index) => {
    const set = workload('StatefulSet', `bad-${index}`);
    return { ...set, spec: { ...(set['spec'] as object), volumeClaimTemplates: [volumeClaimTemplates] } };
  });

  const refused = await refusals(objects);

  expect([...refused.keys()]).toEqual(['bad-0', 'bad-1', 'bad-2']);
  for (const message of refused.values()) expect(message).toContain('A builder claims only new storage');
});

test('a Deployment that is there cannot be changed into one that is refused', async () => {
  await create({ ...workload('Deployment', 'there'), spec: specOf(workload('Deployment', 'there'), { replicas: 0 }) });
  const changed = workload('Deployment', 'there', { pod: { hostNetwork: true } });

  await expect(kubectl(['replace', '--dry-run=server', `--as=${account(plain)}`, '-f', '-'], changed)).rejects.toThrow(
    'A builder does not share the network',
  );
});

test('accounts of others are not limited', async () => {
  const object = workload('Deployment', 'others', { pod: { hostNetwork: true } });
  for (const name of others) expect(await refusals([object], account(plain, name))).toEqual(new Map());
});

function workload(
  kind: 'Pod' | 'Deployment' | 'StatefulSet',
  name: string,
  { pod, container }: { readonly pod?: object | undefined; readonly container?: object | undefined } = {},
): Manifest {
  const spec = { containers: [{ name: 'main', image: 'busybox:1', ...container }], ...pod };
  const metadata = { name, namespace: plain };
  if (kind === 'Pod') return { apiVersion: 'v1', kind, metadata, spec };
  const labels = { app: name };
  const template = { metadata: { labels }, spec };
  const set = kind === 'StatefulSet' ? { serviceName: name } : {};
  return { apiVersion: 'apps/v1', kind, metadata, spec: { selector: { matchLabels: labels }, template, ...set } };
}

function specOf(object: Manifest, more: object): object {
  return { ...(object['spec'] as object), ...more };
}

async function create(object: object): Promise<void> {
  await kubectl(['create', '-f', '-'], object);
}

function messageOf(message: string | undefined): string {
  return message ?? '(accepted)';
}

/** What the cluster says of each object that it does not take from the account, by the object's name. Nothing is made. */
async function refusals(objects: readonly Manifest[], as = account(plain)): Promise<ReadonlyMap<string, string>> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  try {
    await kubectl(['create', '--dry-run=server', `--as=${as}`, '-f', '-'], list);
    return new Map();
  } catch (error) {
    const lines = String(error).split('\n');
    return new Map(
      lines.flatMap((line) => {
        const name = / "([^"]+)" is (?:forbidden|invalid)/.exec(line)?.[1];
        return name === undefined ? [] : [[name, line]];
      }),
    );
  }
}
