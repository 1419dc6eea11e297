import type { Manifest } from '@ephemera/model';
import { expect, test } from 'vitest';
import { environmentRow, shaOf } from '../../test/environment-row.ts';
import { guardrailObjects, namespaceObject, type Limits } from './objects.ts';

const limits: Limits = {
  cpu: '1',
  memory: '2Gi',
  pods: 10,
  services: 20,
  persistentVolumeClaims: 11,
  secrets: 30,
  configMaps: 31,
  defaultCpu: '100m',
  defaultMemory: '200Mi',
};

/** The one guard rail of a kind. */
function guardrail(kind: string): Manifest & { readonly spec?: unknown } {
  const found = guardrailObjects({ namespace: 'pr-12' }, limits).filter((object) => object.kind === kind);
  expect(found).toHaveLength(1);
  return found[0] as Manifest;
}

test('a namespace has the labels app, pr-number, repository and environment-id, and those of Pod Security', () => {
  expect(namespaceObject(environmentRow()).metadata.labels).toEqual({
    app: 'ephemera',
    'pr-number': '12',
    repository: 'shop',
    'environment-id': '7',
    'pod-security.kubernetes.io/enforce': 'baseline',
    'pod-security.kubernetes.io/warn': 'restricted',
  });
});

test('the namespace of a fork has the profile restricted enforced', () => {
  expect(namespaceObject(environmentRow({ isFork: true })).metadata.labels).toMatchObject({
    'pod-security.kubernetes.io/enforce': 'restricted',
  });
});

test('full repository name, branch, commit and generation are annotations', () => {
  const row = environmentRow({ generation: 3, wantedSha: shaOf('b') });
  expect(namespaceObject(row).metadata.annotations).toEqual({
    'ephemera.dev/repository': 'acme/shop',
    'ephemera.dev/branch': 'feat/cart',
    'ephemera.dev/commit': shaOf('b'),
    'ephemera.dev/generation': '3',
  });
});

test('a hostile branch, title or repository name reaches neither a name nor a label', () => {
  const branchName = 'a";`id`;$(curl${IFS}evil)';
  const row = environmentRow({ branchName, prTitle: '<script>', repositoryName: '.-_$(id)é/..' });
  const { metadata } = namespaceObject(row);
  const { annotations, ...rest } = metadata;
  expect(annotations).toMatchObject({ 'ephemera.dev/branch': branchName });
  expect(JSON.stringify(rest)).not.toMatch(/id`|curl|script|\$/);
  for (const value of Object.values(metadata.labels ?? {}))
    expect(value).toMatch(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
});

test('the quota limits CPU and memory, requested and at most, and counts what could fill the cluster', () => {
  expect(guardrail('ResourceQuota').spec).toEqual({
    hard: {
      'limits.cpu': '1',
      'limits.memory': '2Gi',
      'requests.cpu': '1',
      'requests.memory': '2Gi',
      pods: '10',
      services: '20',
      persistentvolumeclaims: '11',
      secrets: '30',
      configmaps: '31',
    },
  });
});

test('as many pods without limits as the quota counts fit into its CPU and memory', () => {
  const [container] = (
    guardrail('LimitRange').spec as { limits: { type: string; default: Resources; defaultRequest: Resources }[] }
  ).limits;
  expect(container).toEqual({
    type: 'Container',
    default: { cpu: '100m', memory: '200Mi' },
    defaultRequest: { cpu: '100m', memory: '200Mi' },
  });
  expect(limits.pods * amount(limits.defaultCpu)).toBeLessThanOrEqual(amount(limits.cpu));
  expect(limits.pods * amount(limits.defaultMemory)).toBeLessThanOrEqual(amount(limits.memory));
});

interface Resources {
  readonly cpu: string;
  readonly memory: string;
}

const units: Record<string, number> = { '': 1, m: 0.001, Mi: 2 ** 20, Gi: 2 ** 30 };

function amount(quantity: string): number {
  const [, number, unit = ''] = /^([\d.]+)(\D*)$/.exec(quantity) ?? [];
  return Number(number) * (units[unit] ?? Number.NaN);
}

test('a pod talks to its own namespace and to DNS, and to nobody else', () => {
  expect(guardrail('NetworkPolicy').spec).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [{ podSelector: {} }] }],
    egress: [
      { to: [{ podSelector: {} }] },
      {
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
    ],
  });
});

test('the account that pods get mounts no token', () => {
  expect(guardrail('ServiceAccount')).toMatchObject({
    metadata: { name: 'default', namespace: 'pr-12' },
    automountServiceAccountToken: false,
  });
});

test('every guard rail is inside the environment’s namespace', () => {
  const objects = guardrailObjects({ namespace: 'pr-12' }, limits);
  expect(objects.map(({ metadata }) => metadata.namespace)).toEqual(objects.map(() => 'pr-12'));
});
