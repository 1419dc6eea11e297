import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './command.ts';
import { kubeconfig } from './kubeconfig.ts';
import { temporaryFolder } from './temporary-folder.ts';

const repository =
  '--repo-url https://github.com/acme/shop --branch feat/cart --number 7 --image-name registry.example/shop:7'.split(
    ' ',
  );

test.each([
  ['no name', ['create'], 'NAME'],
  ['a name that is no DNS label', ['create', 'PR_1'], '- NAME is'],
  ['a name of 300 characters', ['create', 'a'.repeat(300)], '42'],
  ['a namespace that is none', ['status', 'pr-1', '-n', 'Builds'], '- --namespace is'],
  ['the name of a Job that is none', ['logs', 'pr-1', '--job', 'a b'], '- --job is'],
  ['an image that is none', ['create', 'pr-1', '--image', 'docker 24'], 'image'],
  ['an unknown profile', ['create', 'pr-1', '--profile', 'root'], 'root'],
  ['a number that is none', ['create', 'pr-1', '--number', 'x'], '1 or more'],
  ['a pull request of the number 0', ['create', 'pr-1', '--number', '0'], '1 or more'],
  ['a repository of the number 0', ['create', 'pr-1', '--repository-id', '0'], '1 or more'],
  [
    'a context beside the name of a cluster',
    ['status', 'pr-1', '--context', 'a', '--cluster', 'b'],
    '--context and --cluster',
  ],
  [
    'a repository without its branch',
    ['create', 'pr-1', ...repository.slice(0, 2)],
    '--branch and --number and --image-name',
  ],
  ['a push of nothing', ['create', 'pr-1', '--push'], 'without --repo-url'],
  ['a token for nothing', ['create', 'pr-1', '--token-file', '/nowhere'], 'without --repo-url'],
  [
    'credentials in the URL',
    ['create', 'pr-1', ...repository.slice(2), '--repo-url=https://x:y@github.com/a/b'],
    '- --repo-url has credentials',
  ],
  ['an empty key', ['create', 'pr-1', '--idempotency-key', ''], '- --idempotency-key is empty'],
  [
    'two files from standard input',
    ['create', 'pr-1', ...repository, '--token-file', '-', '--docker-config', '-'],
    'one of two',
  ],
  ['a repository with the profile seed', ['create', 'pr-1', ...repository, '--profile', 'seed'], 'minimal'],
  ['a timeout without a unit', ['cleanup', 'pr-1', '--timeout', '60'], 'such as 90s'],
  ['events without a server', ['events', 'pr-1'], 'set EPHEMERA_URL'],
])('%s is bad input: exit code 2 before any cluster is asked', async (_what, args, problem) => {
  const { code, stdout, stderr } = await run(['pr-job', ...args], { KUBECONFIG_PATH: '/nowhere' });
  expect([code, stdout], stderr).toEqual([2, '']);
  expect(stderr).toContain(problem);
  expect(stderr).not.toContain('cluster (');
  expect(stderr).not.toContain('    at ');
});

test('every problem of an order is told at once, also where a server would be asked', async () => {
  const { code, stderr } = await run(['pr-job', 'create', 'PR_1', '-n', 'Builds', '--image', 'a b'], {
    EPHEMERA_URL: 'http://127.0.0.1:9',
  });
  expect(code).toBe(2);
  for (const path of ['- NAME ', '- --namespace ', '- --image ']) expect(stderr).toContain(path);
  expect(stderr).not.toContain('127.0.0.1');
  expect(stderr).toContain('--help');
});

test.each(['--token-file', '--docker-config'])(
  'content given to %s instead of a file is in no message',
  async (flag) => {
    const { code, stdout, stderr } = await run(['pr-job', 'create', 'pr-1', ...repository, flag, '{"auth":"hunter2"}']);
    expect(code).toBe(2);
    expect(stderr).toContain(`The value of ${flag} cannot be read`);
    expect(stdout + stderr).not.toContain('hunter2');
  },
);

test('a token file that is empty, and one whose text no token can be, are bad input, and its text is not repeated', async () => {
  using folder = temporaryFolder('pr-job');
  const file = join(folder.path, 'token');
  for (const text of ['', '\n', 'swordfish\nhunter2']) {
    writeFileSync(file, text);
    const { code, stdout, stderr } = await run(['pr-job', 'create', 'pr-1', ...repository, '--token-file', file]);
    expect(code, JSON.stringify(text)).toBe(2);
    expect(stdout + stderr).not.toMatch(/swordfish|hunter2/);
  }
});

test('a password in EPHEMERA_URL is refused and not repeated', async () => {
  const { code, stderr } = await run(['pr-job', 'status', 'pr-1'], { EPHEMERA_URL: 'https://me:hunter2@example.com' });
  expect(code).toBe(2);
  expect(stderr).toContain('EPHEMERA_URL');
  expect(stderr).not.toContain('hunter2');
});

test('standard error says which way it goes: by a server, or to which cluster', async () => {
  using folder = temporaryFolder('pr-job');
  const KUBECONFIG_PATH = kubeconfig(folder.path, ['staging', 'prod']);
  const server = { EPHEMERA_URL: 'http://127.0.0.1:9/', KUBECONFIG_PATH };
  const [asked, withContext, named, unknown] = await Promise.all([
    run(['pr-job', 'status', 'pr-1'], server),
    run(['pr-job', 'status', 'pr-1', '--context', 'prod'], server),
    run(['pr-job', 'status', 'pr-1', '--cluster', 'prod'], { KUBECONFIG_PATH }),
    run(['pr-job', 'status', 'pr-1', '--cluster', 'nowhere'], { KUBECONFIG_PATH }),
  ]);
  expect(asked.stderr).toMatch(/^server http:\/\/127\.0\.0\.1:9 \(without a token\)\n/);
  expect(withContext.stderr).toMatch(/^cluster prod \(context prod of /);
  expect(named.stderr).toMatch(/^cluster prod \(context prod of /);
  expect(unknown.stderr).toContain('There is no cluster nowhere');
  expect([asked, withContext, named, unknown].map(({ code }) => code)).toEqual([3, 3, 3, 3]);
});

test('a cluster comes from KUBECONFIG_<NAME>, whose content is in no message', async () => {
  using folder = temporaryFolder('pr-job');
  const text = readFileSync(kubeconfig(folder.path, ['eks-7'])).toString('base64');
  const [first, other] = await Promise.all([
    run(['pr-job', 'status', 'pr-1'], { KUBECONFIG_STAGING: text }),
    run(['pr-job', 'status', 'pr-1', '--cluster', 'prod'], { KUBECONFIG_STAGING: text }),
  ]);
  expect(first.stderr).toMatch(/^cluster eks-7 /);
  expect([first.code, other.code]).toEqual([3, 3]);
  expect(other.stderr).toMatch(/no cluster prod.*STAGING, eks-7/);
  expect(first.stderr + other.stderr).not.toContain(text.slice(0, 40));
});

test('what resembles a command is suggested, and nothing else is', async () => {
  const [near, far, value] = await Promise.all([
    run(['pr-job', 'creat', 'pr-1']),
    run(['pr-job', 'foo', 'pr-1']),
    run(['pr-job', 'create', 'pr-1', '--profile', 'foo']),
  ]);
  expect(near.stderr).toContain('did you mean `create`?');
  for (const { code, stderr } of [far, value]) {
    expect(code).toBe(2);
    expect(stderr).not.toContain('did you mean');
  }
});
