import { expect, test } from 'vitest';
import type { VolumeMount } from './kubernetes-job.ts';
import { buildVolumeMountsAndVolumes } from './volumes.ts';

const at = { name: 'data', mountPath: '/data', readOnly: false };

test.each<[string, Partial<VolumeMount>, object]>([
  ['a ConfigMap', { configMap: { name: 'script' } }, { configMap: { name: 'script' } }],
  [
    'one key of a ConfigMap under its own name',
    { configMap: { name: 'script', key: 'run.sh' } },
    { configMap: { name: 'script', items: [{ key: 'run.sh', path: 'run.sh' }] } },
  ],
  [
    'one key of a ConfigMap under another path, executable',
    { configMap: { name: 'script', key: 'run.sh', path: 'bin/run', defaultMode: 493 } },
    { configMap: { name: 'script', items: [{ key: 'run.sh', path: 'bin/run' }], defaultMode: 493 } },
  ],
  [
    'a ConfigMap whose files nobody may touch',
    { configMap: { name: 'script', defaultMode: 0 } },
    { configMap: { name: 'script', defaultMode: 0 } },
  ],
  ['a Secret', { secret: { name: 'tls' } }, { secret: { secretName: 'tls' } }],
  [
    'one key of a Secret',
    { secret: { name: 'tls', key: 'tls.key', path: 'key.pem', defaultMode: 256 } },
    { secret: { secretName: 'tls', items: [{ key: 'tls.key', path: 'key.pem' }], defaultMode: 256 } },
  ],
  ['a path of the node', { hostPath: { path: '/var/log' } }, { hostPath: { path: '/var/log' } }],
  [
    'a path of the node that must be a directory',
    { hostPath: { path: '/var/log', type: 'Directory' } },
    { hostPath: { path: '/var/log', type: 'Directory' } },
  ],
  ['an empty directory', { emptyDir: {} }, { emptyDir: {} }],
  [
    'an empty directory in memory with a limit',
    { emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    { emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
  ],
  ['a claim', { pvc: { claimName: 'backup', readOnly: false } }, { persistentVolumeClaim: { claimName: 'backup' } }],
  [
    'a claim that is only read',
    { pvc: { claimName: 'backup', readOnly: true } },
    { persistentVolumeClaim: { claimName: 'backup', readOnly: true } },
  ],
])('a mount of %s makes exactly its volume', (_, source, volume) => {
  expect(buildVolumeMountsAndVolumes([{ ...at, ...source }])).toStrictEqual({
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    volumes: [{ name: 'data', ...volume }],
  });
});

test('a mount says that it is read-only and which path of the volume it takes', () => {
  const { volumeMounts } = buildVolumeMountsAndVolumes([
    { name: 'data', mountPath: '/etc/run.sh', readOnly: true, subPath: 'run.sh', configMap: { name: 'script' } },
  ]);

  expect(volumeMounts).toStrictEqual([{ name: 'data', mountPath: '/etc/run.sh', readOnly: true, subPath: 'run.sh' }]);
});

test('two mounts of one volume share it, also where one spells out what the other leaves to the default', () => {
  const built = buildVolumeMountsAndVolumes([
    { ...at, mountPath: '/a', subPath: 'a', configMap: { name: 'script', key: 'run.sh' } },
    { name: 'scratch', mountPath: '/tmp', readOnly: false, emptyDir: {} },
    { ...at, mountPath: '/b', readOnly: true, configMap: { name: 'script', path: 'run.sh', key: 'run.sh' } },
  ]);

  expect(built).toStrictEqual({
    volumeMounts: [
      { name: 'data', mountPath: '/a', subPath: 'a' },
      { name: 'scratch', mountPath: '/tmp' },
      { name: 'data', mountPath: '/b', readOnly: true },
    ],
    volumes: [
      { name: 'data', configMap: { name: 'script', items: [{ key: 'run.sh', path: 'run.sh' }] } },
      { name: 'scratch', emptyDir: {} },
    ],
  });
});

test('one name with two sources keeps both volumes, so that the cluster refuses instead of one being lost', () => {
  const { volumes } = buildVolumeMountsAndVolumes([
    { ...at, mountPath: '/a', configMap: { name: 'script' } },
    { ...at, mountPath: '/b', secret: { name: 'script' } },
  ]);

  expect(volumes).toStrictEqual([
    { name: 'data', configMap: { name: 'script' } },
    { name: 'data', secret: { secretName: 'script' } },
  ]);
});
