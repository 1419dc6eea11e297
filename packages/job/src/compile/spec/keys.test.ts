import { expect, test } from 'vitest';
import { manifest, mount, problemsOf } from '../../../test/manifests.ts';
import { parseJob } from '../index.ts';
import { nearest } from './nearest.ts';

test('snake_case keys mean the same as camelCase ones, at every level', () => {
  const snake = manifest({
    create_namespace: true,
    target_cluster: { cluster_kind: 'GcpGkeCluster', cluster_name: 'main' },
    image: { repo: 'busybox', tag: '1', pull_secret_name: 'registry' },
    env: {
      variables: [{ name: 'A', config_map_key_ref: { name: 'a', key: 'b' } }],
      secrets: { B: { secret_ref: { name: 'a', key: 'b' } } },
      env_from: [{ secret_ref: { name: 'a' } }],
    },
    volume_mounts: [
      mount({
        emptyDir: undefined,
        mountPath: undefined,
        mount_path: '/a',
        config_map: { name: 'a', default_mode: 420 },
      }),
    ],
    ttl_seconds_after_finished: 5,
    security_context: { run_as_user: 1000, seccomp_profile: { type: 'Unconfined' } },
  });
  const camel = manifest({
    createNamespace: true,
    targetCluster: { clusterKind: 'GcpGkeCluster', clusterName: 'main' },
    image: { repo: 'busybox', tag: '1', pullSecretName: 'registry' },
    env: {
      variables: [{ name: 'A', configMapKeyRef: { name: 'a', key: 'b' } }],
      secrets: { B: { secretRef: { name: 'a', key: 'b' } } },
      envFrom: [{ secretRef: { name: 'a' } }],
    },
    volumeMounts: [mount({ emptyDir: undefined, mountPath: '/a', configMap: { name: 'a', defaultMode: 420 } })],
    ttlSecondsAfterFinished: 5,
    securityContext: { runAsUser: 1000, seccompProfile: { type: 'Unconfined' } },
  });
  expect(parseJob({ api_version: camel['apiVersion'], ...snake, apiVersion: undefined })).toEqual(parseJob(camel));
});

test('keys in the maps of users stay as they are', () => {
  const { metadata, spec } = parseJob(
    manifest(
      {
        env: { variables: { log_level: 'a', logLevel: 'b' }, secrets: { api_key: 'a', secret_ref: 'b' } },
        configMaps: { 'mount-path': 'x' },
        nodeSelector: { disk_type: 'ssd', diskType: 'ssd' },
      },
      { labels: { my_team: 'a', myTeam: 'b' }, annotations: { my_note: 'a' } },
    ),
  );
  expect(metadata).toMatchObject({ labels: { my_team: 'a', myTeam: 'b' }, annotations: { my_note: 'a' } });
  expect(spec.env.variables.map(({ name }) => name)).toEqual(['logLevel', 'log_level']);
  expect(spec.env.secrets.map(({ name }) => name)).toEqual(['api_key', 'secret_ref']);
  expect(spec.configMaps).toEqual({ 'mount-path': 'x' });
  expect(spec.nodeSelector).toEqual({ disk_type: 'ssd', diskType: 'ssd' });
});

test('both spellings of one key are a problem that names both', () => {
  expect(problemsOf(manifest({ backoff_limit: 1, backoffLimit: 2 }))).toEqual([
    {
      path: 'spec.backoffLimit',
      problem: 'is written twice, as backoff_limit and as backoffLimit',
      fix: 'Keep one of the two.',
    },
  ]);
});

test.each([
  ['spec.paralelism', manifest({ paralelism: 2 }), 'Did you mean parallelism?'],
  ['spec.Parallelism', manifest({ Parallelism: 2 }), 'Did you mean parallelism?'],
  ['spec.volumes_mounts', manifest({ volumes_mounts: [] }), 'Did you mean volumeMounts?'],
  [
    'spec.volumeMounts[1].mountpath',
    manifest({ volumeMounts: [mount(), mount({ name: 'b', mountPath: '/b', mountpath: '' })] }),
    'Did you mean mountPath?',
  ],
  [
    'spec.env.secrets.A.secretref',
    manifest({ env: { secrets: { A: { value: 'x', secretref: {} } } } }),
    'Did you mean secretRef?',
  ],
  ['metadata.namespace', manifest({}, { namespace: 'x' }), 'It belongs to spec.namespace.'],
  [
    'spec.image.registry',
    manifest({ image: { repo: 'a', tag: '1', registry: 'x' } }),
    'Known here: repo, tag, pullSecretName.',
  ],
  ['spec["a.b"]', manifest({ 'a.b': 1 }), expect.stringContaining('Known here: targetCluster, namespace')],
  [
    'spec["parallelism…"]',
    manifest({ 'parallelism=3': null }),
    'Write a colon and a space: parallelism: and the value.',
  ],
])('the unknown key %s is a problem with what was probably meant', (path, value, fix) => {
  expect(problemsOf(value)).toMatchObject([{ path, problem: 'is not a known key', fix }]);
});

test('the value of an unknown key is shown where the key is only misspelt', () => {
  expect(problemsOf(manifest({ paralelism: 2, note: 'x', volumes_mounts: [] })).map(({ value }) => value)).toEqual([
    '2',
    '(hidden)',
    'a list',
  ]);
});

test.each([
  [{ volumeMounts: [mount({ emptyDir: undefined, persistentVolumeClaim: { claimName: 'a' } })] }, /^Write pvc:/],
  [{ volumeMounts: [mount({ emptyDir: undefined, secret: { name: 'a', secretName: 'a' } })] }, /^Write name\.$/],
  [{ volumeMounts: [mount({ emptyDir: undefined, configMap: { name: 'a', items: [] } })] }, /^Write key/],
  [{ imagePullPolicy: 'Always' }, /^It is not offered/],
  [{ image: { repo: 'busybox', tag: '1', imagePullPolicy: 'Always' } }, /^It is not offered/],
  [{ imagePullSecrets: [{ name: 'a' }] }, /pullSecretName/],
  [{ template: {} }, /no pod template/],
  [{ envFrom: [] }, /spec\.env\.envFrom/],
  [{ '<<': { parallelism: 2 } }, /^Merge keys are not read/],
  [{ env: { variables: { '<<': { A: 'x' } } } }, /^Merge keys are not read/],
  [{ image: 'busybox:1' }, /^Write repo: busybox and tag: "1"/],
  [{ env: [{ name: 'A', value: 'x' }] }, /env\.variables/],
])('what Kubernetes calls otherwise, %j, is told how it is called here', (spec, fix) => {
  expect(problemsOf(manifest(spec)).map((problem) => problem.fix)).toContainEqual(expect.stringMatching(fix));
});

test('a key that JavaScript keeps for itself changes nothing and is refused', () => {
  const bad: unknown = JSON.parse(
    `{"metadata": {"name": "x", "labels": {"__proto__": "y"}}, "spec": {"__proto__": {"namespace": "x"}, "env": {"variables": {"__proto__": "z"}}}}`,
  );
  const paths = problemsOf(bad).map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'metadata.labels.__proto__',
      'spec.__proto__',
      'spec.env.variables.__proto__',
      'spec.namespace',
    ]),
  );
  expect({}).not.toHaveProperty('namespace');
});

test.each([
  ['constructor', ['name'], undefined],
  ['nmae', ['name', 'namespace'], 'name'],
  ['namespce', ['name', 'namespace'], 'namespace'],
  ['x', ['name'], undefined],
])('near to %s, of %o, is %s', (word, known: readonly string[], near) => {
  expect(nearest(word, known)).toBe(near);
});
