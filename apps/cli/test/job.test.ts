import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { run } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const hello = {
  apiVersion: 'kubernetes.project-planton.org/v1',
  kind: 'KubernetesJob',
  metadata: { name: 'hello' },
  spec: { namespace: 'shop', image: { repo: 'busybox', tag: '1' }, command: ['echo', 'hello'] },
};

/** Everything that a job can be made of. */
const full = {
  ...hello,
  spec: {
    ...hello.spec,
    createNamespace: true,
    env: { variables: { ANSWER: { value: 'yes' } }, secrets: { API_KEY: { value: 'swordfish-7' } } },
    configMaps: { 'run.sh': 'echo 012\n' },
  },
};

function written(folder: string, manifest: unknown, name = 'job.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  return path;
}

test('job validate says that a manifest is valid, with its warnings on standard error, and asks no cluster', async () => {
  using folder = temporaryFolder('job');
  const file = written(folder.path, hello);
  const { code, stdout, stderr } = await run([
    'job',
    'validate',
    '-f',
    file,
    '--set',
    'spec.parallelism=3',
    '--set',
    'spec.completions=2',
  ]);
  expect(stderr).toMatch(/^warning: spec\.parallelism: /);
  expect(stdout).toBe(`${file}: KubernetesJob hello is valid\n`);
  expect(code).toBe(0);
});

test('job validate tells every problem of a manifest at once, with path, value and what to write, and ends with 2', async () => {
  using folder = temporaryFolder('job');
  const spec = { ...hello.spec, restartPolicy: 'Always', comand: ['echo'], backoffLimit: -1 };
  const file = written(folder.path, { ...hello, metadata: { name: 'Not_A_Name' }, spec });
  const { code, stdout, stderr } = await run(['job', 'validate', '-f', file]);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  for (const part of [
    'metadata.name',
    '"Not_A_Name"',
    'spec.restartPolicy',
    'Always',
    'spec.comand',
    'command',
    'spec.backoffLimit',
  ])
    expect(stderr).toContain(part);

  const json = await run(['job', 'validate', '-f', file, '--json']);
  expect(json.code).toBe(2);
  const told = JSON.parse(json.stdout) as {
    valid: boolean;
    problems: { path: string; problem: string; fix: string }[];
  };
  expect(told.valid).toBe(false);
  expect(told.problems.map(({ path }) => path).toSorted()).toEqual([
    'metadata.name',
    'spec.backoffLimit',
    'spec.comand',
    'spec.restartPolicy',
  ]);
  for (const { problem, fix } of told.problems) expect([problem, fix]).not.toContain('');
});

test('job validate --json says that a good manifest is valid, and gives a text that is no manifest as one problem', async () => {
  using folder = temporaryFolder('job');
  const good = await run(['job', 'validate', '--json', '-f', written(folder.path, hello)]);
  expect([good.code, JSON.parse(good.stdout)]).toEqual([0, { valid: true, problems: [], warnings: [] }]);
  const bad = await run(['job', 'validate', '--json', '-f', written(folder.path, 'kind: [\n', 'bad.yaml')]);
  expect(bad.code).toBe(2);
  expect(JSON.parse(bad.stdout)).toMatchObject({
    valid: false,
    problems: [{ path: '', problem: /bad\.yaml, line \d/ }],
  });
});

test.each([
  ['validate', 'two documents', `${JSON.stringify(hello)}\n---\n${JSON.stringify(hello)}\n`, []],
  ['render', 'a key that stands twice', 'kind: KubernetesJob\nkind: KubernetesJob\n', []],
  ['run', 'bytes that are no UTF-8', Buffer.from([0x61, 0xff, 0xfe]), []],
  ['validate', 'nothing', '', []],
  ['run', 'a --set without a value', JSON.stringify(hello), ['--set', 'spec.parallelism']],
  ['render', 'a --set of a field that does not exist', JSON.stringify(hello), ['--set', 'spec.paralelism=3']],
])('job %s of %s ends with 2, an explanation, and nothing on standard output', async (verb, _what, text, args) => {
  using folder = temporaryFolder('job');
  const file = join(folder.path, 'job.yaml');
  writeFileSync(file, text);
  const { code, stdout, stderr } = await run(['job', verb, '-f', file, ...args]);
  expect([code, stdout], stderr).toEqual([2, '']);
  expect(stderr).toMatch(/^Error: /);
});

test('a manifest that is missing, a folder, or endless is bad input, and none of it fills the memory', async () => {
  using folder = temporaryFolder('job');
  for (const file of [join(folder.path, 'none.yaml'), folder.path, '/dev/zero']) {
    const { code, stderr } = await run(['job', 'validate', '-f', file]);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(`${file} cannot be read`);
  }
});

test.each([
  ['--docker-config', '{"auths":{"registry.example.com":{"auth":"hunter2"}}}'],
  ['--docker-config', `aHVudGVyMg${'x'.repeat(200)}hunter2`],
  ['--file', 'spec:\n  env: hunter2\n'],
  ['--file', '{spec: hunter2'],
])('content given to %s instead of a file is in no message: %j', async (flag, content) => {
  using folder = temporaryFolder('job');
  const file = written(folder.path, hello);
  const files = flag === '--file' ? ['--file', content] : ['--file', file, flag, content];
  for (const args of [['render'], ['validate', '--json']]) {
    const { code, stdout, stderr } = await run(['job', ...args, ...files]);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain(`The value of ${flag} cannot be read`);
    expect(stdout + stderr).toContain('the path of a file, or -');
    expect(stdout + stderr).not.toMatch(/hunter2|aHVud/);
  }
});

test('a file that cannot be read is named with the word of the system', async () => {
  const { stderr } = await run(['job', 'validate', '-f', '/nowhere/job.yaml']);
  expect(stderr).toContain('/nowhere/job.yaml cannot be read: there is no such file (ENOENT).');
});

test('job render prints the objects in the order in which they are applied, as YAML documents or as one List', async () => {
  using folder = temporaryFolder('job');
  const file = written(folder.path, full);
  const yaml = await run(['job', 'render', '-f', file]);
  expect(yaml.code, yaml.stderr).toBe(0);
  const objects = parseAllDocuments(yaml.stdout).map((document) => document.toJS() as { kind: string });
  expect(objects.map(({ kind }) => kind)).toEqual(['Namespace', 'Secret', 'ConfigMap', 'Job']);
  const json = await run(['job', 'render', '-f', file, '--output', 'json']);
  expect(JSON.parse(json.stdout)).toEqual({ apiVersion: 'v1', kind: 'List', items: objects });
});

test('job render says once on standard error that it prints secrets, and only where there are any', async () => {
  using folder = temporaryFolder('job');
  const some = await run(['job', 'render', '-f', written(folder.path, full)]);
  expect(some.stdout).toContain('swordfish-7');
  expect(some.stderr.match(/holds secrets in clear/g)).toHaveLength(1);
  const none = await run(['job', 'render', '-f', written(folder.path, hello)]);
  expect(none.stderr).toBe('');
});

test('a manifest comes from standard input, and --set changes it: each value is YAML, the last one of a field counts', async () => {
  const settings = ['spec.parallelism=2', 'spec.parallelism=3', 'spec.args=[a, "1"]'].flatMap((one) => ['--set', one]);
  const labelled = '--set=metadata.labels["example.com/team"]="7"';
  const text = JSON.stringify(hello);
  const { code, stdout, stderr } = await run(['job', 'render', '-f', '-', ...settings, labelled], {}, text);
  expect(code, stderr).toBe(0);
  expect(parse(stdout)).toMatchObject({
    metadata: { labels: { 'example.com/team': '7' } },
    spec: { parallelism: 3, template: { spec: { containers: [{ args: ['a', '1'] }] } } },
  });
});

test('--set takes a text as it stands, and tells all settings that cannot be used at once', async () => {
  const settings = [
    'spec.image.tag=1.10',
    'spec.env.secrets.PASSWORD.value=abc #def',
    'spec.env.variables.GREETING=hello: world',
  ];
  const args = settings.flatMap((one) => ['--set', one]);
  const { code, stdout, stderr } = await run(
    ['job', 'render', '-f', '-', ...args, '-o', 'json'],
    {},
    JSON.stringify(hello),
  );
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    items: [
      { kind: 'Secret', stringData: { PASSWORD: 'abc #def' } },
      {
        spec: {
          template: { spec: { containers: [{ image: 'busybox:1.10', env: [{}, { value: 'hello: world' }, {}] }] } },
        },
      },
    ],
  });

  const bad = await run(
    ['job', 'render', '-f', '-', '--set', 'spec.parallelism', '--set', 'kind.x=1'],
    {},
    JSON.stringify(hello),
  );
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('The setting 1 of --set is not path=value.');
  expect(bad.stderr).toContain('The setting kind.x asks for a key of what is not a map');
});

test('job validate --json lists a hundred problems and counts the others', async () => {
  const spec = { ...hello.spec, args: Array.from({ length: 150 }, () => 1) };
  const { stdout } = await run(['job', 'validate', '-f', '-', '--json'], {}, JSON.stringify({ ...hello, spec }));
  const told = JSON.parse(stdout) as { problems: readonly unknown[]; more: number };
  expect([told.problems.length, told.more]).toEqual([100, 50]);
});

test('Docker credentials become a pull Secret of the job; those that are none are bad input and are not quoted', async () => {
  using folder = temporaryFolder('job');
  const file = written(folder.path, hello);
  const config = written(folder.path, { auths: { 'registry.example.com': { auth: 'c3dvcmRmaXNo' } } }, 'config.json');
  const good = await run(['job', 'render', '-f', file, '--docker-config', config, '-o', 'json']);
  expect(JSON.parse(good.stdout)).toMatchObject({
    items: [{ kind: 'Secret', metadata: { name: 'hello-image-pull-secret' } }, { kind: 'Job' }],
  });
  for (const bad of ['swordfish-7', '{"swordfish-7":1}', '', ' \n']) {
    const { code, stdout, stderr } = await run([
      'job',
      'render',
      '-f',
      file,
      '--docker-config',
      written(folder.path, bad, 'bad.json'),
    ]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toContain('swordfish');
  }
});

test('job schema prints a JSON Schema with all fields of the spec', async () => {
  const { code, stdout } = await run(['job', 'schema']);
  expect(code).toBe(0);
  const schema = JSON.parse(stdout) as { $schema: string };
  expect(schema.$schema).toContain('json-schema.org');
  for (const field of ['targetCluster', 'createNamespace', 'ttlSecondsAfterFinished', 'volumeMounts', 'suspend'])
    expect(stdout).toContain(`"${field}"`);
});

test.each([
  [['job', 'status']],
  [['job', 'status', 'hello']],
  [['job', 'logs', 'hello', '-f', 'job.yaml']],
  [['job', 'delete', '-f', 'job.yaml', '--namespace', 'shop']],
  [['job', 'suspend', 'hello', '-n', 'shop', '--set', 'spec.suspend=true']],
  [['job', 'logs', 'hello', '-n', 'shop', '--tail', '-1']],
  [['job', 'run', '-f', 'job.yaml', '--wait', '--timeout', '60']],
  [['job', 'run', '-f', 'job.yaml', '--delete']],
  [['job', 'run', '-f', 'job.yaml', '--start-timeout', '5s']],
  [['job', 'run', '-f', '-', '--docker-config', '-']],
  [['job', 'run']],
])('%j contradicts itself or lacks something: exit code 2 before any cluster is asked', async (args) => {
  const { code, stderr } = await run(args, { KUBECONFIG_PATH: '/nowhere' });
  expect(code, stderr).toBe(2);
  expect(stderr).not.toContain('nowhere');
  expect(stderr).not.toContain('cannot be read');
});
