import type { Container, Job, PodSpec } from '@ephemera/model';
import { expect, test } from 'vitest';
import { manifest, problemsOf } from '../../test/manifests.ts';
import { compile, type CompiledJob, type KubernetesJobManifest } from './index.ts';

/** What of the objects a field decides. */
type Part = (compiled: CompiledJob) => unknown;

interface Row {
  readonly field: string;
  /** The field as a user sets it, alone or with what it needs. */
  readonly set: object;
  readonly part: Part;
  readonly rendered: unknown;
  /** The same part when the field is not set. */
  readonly byDefault: unknown;
  readonly invalid: object;
  readonly problem: { readonly path: string; readonly fix: string };
}

const job: (of: (job: Job) => unknown) => Part = (of) => (compiled) => of(compiled.job);
const pod: (of: (pod: PodSpec) => unknown) => Part = (of) => job(({ spec }) => of(spec.template.spec));
const container: (of: (container: Container | undefined) => unknown) => Part = (of) =>
  pod(({ containers }) => of(containers[0]));

const labels = {
  'project-planton.org/resource': 'true',
  'project-planton.org/resource-name': 'nightly',
  'project-planton.org/resource-kind': 'KubernetesJob',
};
const podId = { name: 'K8S_POD_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
const wholeNumber = 'Write a whole number from 0 to 2147483647.';

const rows: readonly Row[] = [
  {
    field: 'targetCluster',
    set: { targetCluster: { clusterKind: 'GcpGkeCluster', clusterName: 'main' } },
    // It says where the objects go, and is in none of them.
    part: ({ objects }) => JSON.stringify(objects).includes('main'),
    rendered: false,
    byDefault: false,
    invalid: { targetCluster: { clusterKind: 'GkeCluster' } },
    problem: {
      path: 'spec.targetCluster.clusterKind',
      fix: 'Write one of: AzureAksCluster, AwsEksCluster, GcpGkeCluster, DigitalOceanKubernetesCluster, CivoKubernetesCluster. Did you mean GcpGkeCluster?',
    },
  },
  {
    field: 'namespace',
    set: { namespace: 'team-a', configMaps: { a: 'x' }, env: { secrets: { B: 'y' } } },
    part: ({ objects, outputs }) => [...objects.map(({ metadata }) => metadata.namespace), outputs.namespace],
    rendered: ['team-a', 'team-a', 'team-a', 'team-a'],
    // There is no default: a job without one is refused.
    byDefault: ['batch', 'batch'],
    invalid: { namespace: undefined },
    problem: {
      path: 'spec.namespace',
      fix: 'Add it. Namespace of everything that the job makes: a text, {value} or {valueFrom}.',
    },
  },
  {
    field: 'createNamespace',
    set: { createNamespace: true },
    part: ({ namespace, objects }) => [namespace, objects[0]?.kind],
    rendered: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'batch', labels } }, 'Namespace'],
    byDefault: [undefined, 'Job'],
    invalid: { createNamespace: 'yes' },
    problem: { path: 'spec.createNamespace', fix: 'Write true or false.' },
  },
  {
    field: 'image',
    set: { image: { repo: 'ghcr.io/acme/report', tag: '1.2', pullSecretName: 'registry' } },
    part: pod(({ containers, imagePullSecrets }) => [containers[0]?.image, imagePullSecrets]),
    rendered: ['ghcr.io/acme/report:1.2', [{ name: 'registry' }]],
    // There is no default: this is the one of the other rows.
    byDefault: ['busybox:1', undefined],
    invalid: { image: { repo: 'busybox:1.36' } },
    problem: { path: 'spec.image.repo', fix: 'Write repo: busybox and tag: "1.36".' },
  },
  {
    field: 'resources',
    set: { resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '64Mi' } } },
    part: container((main) => main?.resources),
    rendered: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
    byDefault: { limits: { cpu: '1000m', memory: '1Gi' }, requests: { cpu: '50m', memory: '100Mi' } },
    invalid: { resources: { limits: { cpu: '100m' }, requests: { cpu: '200m' } } },
    problem: {
      path: 'spec.resources.requests.cpu',
      fix: 'Ask for less, or set spec.resources.limits.cpu to at least 200m.',
    },
  },
  {
    field: 'env',
    set: {
      env: { variables: { SIZE: '100' }, secrets: { KEY: 'k-1', WORD: { secretRef: { name: 'db', key: 'word' } } } },
    },
    part: (compiled) => [container((main) => main?.env)(compiled), compiled.envSecrets?.stringData],
    rendered: [
      [
        podId,
        { name: 'SIZE', value: '100' },
        { name: 'KEY', valueFrom: { secretKeyRef: { name: 'nightly-env-secrets', key: 'KEY' } } },
        { name: 'WORD', valueFrom: { secretKeyRef: { name: 'db', key: 'word' } } },
      ],
      { KEY: 'k-1' },
    ],
    byDefault: [[podId], undefined],
    invalid: { env: { variables: { KEY: 'a' }, secrets: { KEY: 'b' } } },
    problem: { path: 'spec.env.secrets.KEY', fix: 'Keep one of the two, or rename one.' },
  },
  {
    field: 'parallelism',
    set: { parallelism: 3, completions: 5 },
    part: job(({ spec }) => [spec.parallelism, spec.completions]),
    rendered: [3, 5],
    byDefault: [1, 1],
    invalid: { parallelism: -1 },
    problem: { path: 'spec.parallelism', fix: wholeNumber },
  },
  {
    field: 'completions',
    set: { completions: 0, parallelism: 2 },
    part: job(({ spec }) => ['completions' in spec, spec.parallelism]),
    rendered: [false, 2],
    byDefault: [true, 1],
    invalid: { completions: 0, completionMode: 'Indexed' },
    problem: { path: 'spec.completions', fix: 'Set it to the number of indexes, at least 1.' },
  },
  {
    field: 'backoffLimit',
    set: { backoffLimit: 0 },
    part: job(({ spec }) => spec.backoffLimit),
    rendered: 0,
    byDefault: 6,
    invalid: { backoffLimit: '3' },
    problem: { path: 'spec.backoffLimit', fix: 'Write 3 without quotes.' },
  },
  {
    field: 'activeDeadlineSeconds',
    set: { activeDeadlineSeconds: 300 },
    part: job(({ spec }) => spec.activeDeadlineSeconds),
    rendered: 300,
    byDefault: undefined,
    invalid: { activeDeadlineSeconds: 0.5 },
    problem: { path: 'spec.activeDeadlineSeconds', fix: 'Write a whole number from 0 to 9223372036.' },
  },
  {
    field: 'ttlSecondsAfterFinished',
    set: { ttlSecondsAfterFinished: 600 },
    part: job(({ spec }) => spec.ttlSecondsAfterFinished),
    rendered: 600,
    byDefault: undefined,
    invalid: { ttlSecondsAfterFinished: -1 },
    problem: { path: 'spec.ttlSecondsAfterFinished', fix: wholeNumber },
  },
  {
    field: 'completionMode',
    set: { completionMode: 'Indexed', completions: 10, parallelism: 5 },
    part: job(({ spec }) => [spec.completionMode, spec.completions, spec.parallelism]),
    rendered: ['Indexed', 10, 5],
    byDefault: ['NonIndexed', 1, 1],
    invalid: { completionMode: 'Index' },
    problem: { path: 'spec.completionMode', fix: 'Write one of: NonIndexed, Indexed. Did you mean Indexed?' },
  },
  {
    field: 'restartPolicy',
    set: { restartPolicy: 'OnFailure' },
    part: pod(({ restartPolicy }) => restartPolicy),
    rendered: 'OnFailure',
    byDefault: 'Never',
    invalid: { restartPolicy: 'Always' },
    problem: {
      path: 'spec.restartPolicy',
      fix: 'Write Never for a new pod at each try, or OnFailure to start the container again in its pod.',
    },
  },
  {
    field: 'command',
    set: { command: ['sh', '-c', 'echo "$SIZE"; exit 0'] },
    part: container((main) => main?.command),
    rendered: ['sh', '-c', 'echo "$SIZE"; exit 0'],
    byDefault: undefined,
    invalid: { command: 'sh -c true' },
    problem: { path: 'spec.command', fix: 'Write a list: each item on a line of its own after "- ", or [a, b].' },
  },
  {
    field: 'args',
    set: { args: ['--size', '3'] },
    part: container((main) => main?.args),
    rendered: ['--size', '3'],
    byDefault: undefined,
    invalid: { args: ['--size', 3] },
    problem: { path: 'spec.args[1]', fix: 'Put it in quotes.' },
  },
  {
    field: 'configMaps',
    set: { configMaps: { 'run.sh': 'echo hello' } },
    part: ({ configMaps }) => configMaps,
    rendered: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'run.sh', namespace: 'batch', labels },
        data: { 'run.sh': 'echo hello' },
      },
    ],
    byDefault: [],
    invalid: { configMaps: { 'Run script': 'x' } },
    problem: {
      path: 'spec.configMaps["Run script"]',
      fix: 'Use lower-case letters, digits, - and ., at most 253 characters, with a letter or digit at both ends of each part.',
    },
  },
  {
    field: 'volumeMounts',
    set: {
      volumeMounts: [
        {
          name: 'script',
          mountPath: '/run.sh',
          subPath: 'run.sh',
          readOnly: true,
          configMap: { name: 'run.sh', key: 'run.sh', defaultMode: 493 },
        },
        { name: 'cache', mountPath: '/cache', emptyDir: { sizeLimit: '1Gi' } },
        { name: 'data', mountPath: '/data', pvc: { claimName: 'reports' } },
      ],
    },
    part: pod(({ containers, volumes }) => [containers[0]?.volumeMounts, volumes]),
    rendered: [
      [
        { name: 'script', mountPath: '/run.sh', subPath: 'run.sh', readOnly: true },
        { name: 'cache', mountPath: '/cache' },
        { name: 'data', mountPath: '/data' },
      ],
      [
        { name: 'script', configMap: { name: 'run.sh', items: [{ key: 'run.sh', path: 'run.sh' }], defaultMode: 493 } },
        { name: 'cache', emptyDir: { sizeLimit: '1Gi' } },
        { name: 'data', persistentVolumeClaim: { claimName: 'reports' } },
      ],
    ],
    byDefault: [undefined, undefined],
    invalid: { volumeMounts: [{ name: 'a', mountPath: 'data', emptyDir: {} }] },
    problem: { path: 'spec.volumeMounts[0].mountPath', fix: 'Begin it with /, for example /data.' },
  },
  {
    field: 'suspend',
    set: { suspend: true },
    part: job(({ spec }) => spec.suspend),
    rendered: true,
    byDefault: false,
    invalid: { suspend: 1 },
    problem: { path: 'spec.suspend', fix: 'Write true or false.' },
  },
];

const compiled = (spec: object) => compile(manifest(spec) as unknown as KubernetesJobManifest);

test('the table has a row for each of the 18 fields', () => {
  expect(new Set(rows.map(({ field }) => field)).size).toBe(18);
});

test.each(rows)('spec.$field: what is set is in the objects', ({ set, part, rendered }) => {
  expect(part(compiled(set))).toEqual(rendered);
});

test.each(rows)('spec.$field: the default is in the objects', ({ part, byDefault }) => {
  expect(part(compiled({}))).toEqual(byDefault);
});

test.each(rows)(
  'spec.$field: what is wrong is refused with its path and what to write instead',
  ({ invalid, problem }) => {
    const [found, ...others] = problemsOf(manifest(invalid));
    expect({ path: found?.path, fix: found?.fix }).toEqual(problem);
    expect(others.filter(({ path }) => path !== 'spec.image.tag')).toEqual([]);
  },
);

test('a literal secret is in its Secret and nowhere else in the objects', () => {
  const { objects, envSecrets } = compiled({ env: { secrets: { KEY: 'hunter2' } } });
  expect(objects.filter((object) => JSON.stringify(object).includes('hunter2'))).toEqual([envSecrets]);
});

test('the same manifest gives the same bytes, whichever way its keys are spelt and ordered', () => {
  const camel = compiled({ createNamespace: true, backoffLimit: 2, env: { variables: { B: '2', A: '1' } } });
  const snake = compiled({ env: { variables: { A: '1', B: '2' } }, backoff_limit: 2, create_namespace: true });
  expect(JSON.stringify(snake)).toBe(JSON.stringify(camel));
});
