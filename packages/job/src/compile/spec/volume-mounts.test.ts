import { expect, test } from 'vitest';
import { briefly, manifest, mount, problemsOf } from '../../../test/manifests.ts';
import { parseJob } from '../index.ts';

const none = { emptyDir: undefined };
const at = (mountPath: string, fields: object = {}) => mount({ mountPath, ...fields });
const briefs = (...volumeMounts: readonly unknown[]) => briefly(manifest({ volumeMounts }));

test('each of the five sources is read with its defaults', () => {
  const volumeMounts = [
    mount({ ...none, name: 'a', mountPath: '/a', configMap: { name: 'a', key: 'k', path: 'd/f', defaultMode: 493 } }),
    mount({ ...none, name: 'b', mountPath: '/b', subPath: 'x/y', readOnly: true, secret: { name: 'b' } }),
    mount({ ...none, name: 'c', mountPath: '/c', hostPath: { path: '/var/log', type: 'Directory' } }),
    mount({ name: 'd', mountPath: '/d', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } }),
    mount({ ...none, name: 'e', mountPath: '/e', pvc: { claimName: 'e' } }),
    mount({ name: 'f', mountPath: '/f', emptyDir: { medium: '', sizeLimit: 1024 } }),
    mount({ ...none, name: 'g', mountPath: '/g', hostPath: { path: '/x', type: '' } }),
  ];
  expect(parseJob(manifest({ volumeMounts })).spec.volumeMounts).toEqual([
    { name: 'a', mountPath: '/a', readOnly: false, configMap: { name: 'a', key: 'k', path: 'd/f', defaultMode: 493 } },
    { name: 'b', mountPath: '/b', subPath: 'x/y', readOnly: true, secret: { name: 'b' } },
    { name: 'c', mountPath: '/c', readOnly: false, hostPath: { path: '/var/log', type: 'Directory' } },
    { name: 'd', mountPath: '/d', readOnly: false, emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    { name: 'e', mountPath: '/e', readOnly: false, pvc: { claimName: 'e', readOnly: false } },
    { name: 'f', mountPath: '/f', readOnly: false, emptyDir: { sizeLimit: '1024' } },
    { name: 'g', mountPath: '/g', readOnly: false, hostPath: { path: '/x' } },
  ]);
});

test.each(['', 'DirectoryOrCreate', 'Directory', 'FileOrCreate', 'File', 'Socket', 'CharDevice', 'BlockDevice'])(
  'a hostPath may have the type "%s"',
  (type) => {
    expect(briefs(mount({ ...none, hostPath: { path: '/a', type } }))).toEqual([]);
  },
);

const m0 = 'spec.volumeMounts[0]';

test.each([
  [`${m0}.name is missing`, mount({ name: undefined })],
  [`${m0}.name is not a DNS label`, mount({ name: 'a.b' })],
  [`${m0}.mountPath is missing`, mount({ mountPath: undefined })],
  [`${m0}.mountPath is not absolute`, at('')],
  [`${m0}.mountPath is not absolute`, at('./data')],
  [`${m0}.mountPath has ".." in it`, at('/a/../b')],
  [`${m0}.mountPath has a colon, which Kubernetes does not take here`, at('/a:b')],
  [`${m0}.mountPath has control characters`, at('/a\nb')],
  [`${m0}.mountPath is the root of the container, which cannot be mounted over`, at('//')],
  [`${m0}.subPath is not relative`, mount({ subPath: '/a' })],
  [`${m0}.subPath has ".." in it`, mount({ subPath: 'a/..' })],
  [`${m0}.readOnly is not true or false`, mount({ readOnly: 'yes' })],
  [`${m0} has no source`, mount(none)],
  [`${m0} has no source`, mount({ emptyDir: null })],
  [`${m0} has several sources: configMap, emptyDir`, mount({ configMap: { name: 'a' } })],
  [`${m0} has several sources: hostPath, pvc`, mount({ ...none, pvc: { claimName: 'a' }, hostPath: { path: '/a' } })],
  [`${m0}.configMap.name is missing`, mount({ ...none, configMap: {} })],
  [`${m0}.secret.name is not a name that Kubernetes takes`, mount({ ...none, secret: { name: 'A' } })],
  [
    `${m0}.secret.key is not a key that a ConfigMap or Secret can have`,
    mount({ ...none, secret: { name: 'a', key: '..a' } }),
  ],
  [`${m0}.configMap.path is not relative`, mount({ ...none, configMap: { name: 'a', key: 'a', path: '/a' } })],
  [`${m0}.configMap.path has ".." in it`, mount({ ...none, configMap: { name: 'a', key: 'a', path: 'a/../b' } })],
  [
    `${m0}.configMap.path begins with two dots, which Kubernetes keeps for itself`,
    mount({ ...none, configMap: { name: 'a', key: 'a', path: '..a' } }),
  ],
  [
    `${m0}.configMap.key is missing, and path is the file of one key`,
    mount({ ...none, configMap: { name: 'a', path: 'b' } }),
  ],
  [
    `${m0}.configMap.defaultMode is not between 0 and 511`,
    mount({ ...none, configMap: { name: 'a', defaultMode: 755 } }),
  ],
  [`${m0}.configMap.defaultMode is not a number`, mount({ ...none, configMap: { name: 'a', defaultMode: '0755' } })],
  [`${m0}.hostPath.path is not absolute`, mount({ ...none, hostPath: { path: 'var' } })],
  [`${m0}.hostPath.path has ".." in it`, mount({ ...none, hostPath: { path: '/var/..' } })],
  [
    `${m0}.hostPath.type is not one of the values that it can have`,
    mount({ ...none, hostPath: { path: '/a', type: 'Folder' } }),
  ],
  [`${m0}.emptyDir.medium is not one of the values that it can have`, mount({ emptyDir: { medium: 'RAM' } })],
  [`${m0}.emptyDir.sizeLimit is not a quantity`, mount({ emptyDir: { sizeLimit: '1 GB' } })],
  [`${m0}.pvc.claimName is missing`, mount({ ...none, pvc: { readOnly: true } })],
])('%s', (problem, value) => {
  expect(briefs(value)).toEqual([problem]);
});

test('a key of a ConfigMap of the same manifest has to be its name; of others it may be any', () => {
  const from = (key: string) => [mount({ ...none, configMap: { name: 'run.sh', key } })];
  expect(briefly(manifest({ configMaps: { 'run.sh': '' }, volumeMounts: from('run.sh') }))).toEqual([]);
  expect(briefly(manifest({ configMaps: { other: '' }, volumeMounts: from('script') }))).toEqual([]);
  expect(briefly(manifest({ configMaps: { 'run.sh': '' }, volumeMounts: from('script') }))).toEqual([
    `${m0}.configMap.key is not in the ConfigMap, which comes from spec.configMaps["run.sh"] and has one key of that name`,
  ]);
});

test('a mode in octal is told its decimal', () => {
  const [problem] = problemsOf(
    manifest({ volumeMounts: [mount({ ...none, secret: { name: 'a', defaultMode: 755 } })] }),
  );
  expect(problem?.fix).toContain('0o755 (493)');
});

test('an empty folder that YAML read as nothing is told how it is written', () => {
  expect(problemsOf(manifest({ volumeMounts: [mount(none)] }))[0]?.fix).toContain('emptyDir: {}');
});

test.each(['/data', '/data/', '//data', '/./data/.'])(
  'two mounts at /data and %s are refused, and both are named',
  (mountPath) => {
    expect(briefs(mount(), mount({ name: 'other', mountPath }))).toEqual([
      'spec.volumeMounts[1].mountPath is where spec.volumeMounts[0] is mounted too',
    ]);
  },
);

test.each([
  ['an empty folder', { emptyDir: {} }, { emptyDir: { medium: '' } }],
  ['a ConfigMap', { ...none, configMap: { name: 'a', key: 'k' } }, { ...none, configMap: { key: 'k', name: 'a' } }],
  ['a claim', { ...none, pvc: { claimName: 'a' } }, { ...none, pvc: { claimName: 'a', readOnly: false } }],
])('one name for %s twice is one volume at two paths', (_, first, second) => {
  expect(briefs(mount(first), mount({ mountPath: '/other', ...second }))).toEqual([]);
});

test.each([
  ['another kind', { emptyDir: {} }, { ...none, pvc: { claimName: 'a' } }],
  ['another object', { ...none, secret: { name: 'a' } }, { ...none, secret: { name: 'b' } }],
  ['another key', { ...none, secret: { name: 'a', key: 'k' } }, { ...none, secret: { name: 'a' } }],
  ['other rights', { ...none, pvc: { claimName: 'a' } }, { ...none, pvc: { claimName: 'a', readOnly: true } }],
])('one name for %s is refused, and both are named', (_, first, second) => {
  expect(briefs(mount(first), mount({ mountPath: '/other', ...second }))).toEqual([
    'spec.volumeMounts[1].name is the name of spec.volumeMounts[0] too, which has another source',
  ]);
});
