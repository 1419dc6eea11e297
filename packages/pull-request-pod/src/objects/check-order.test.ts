import { EphemeraError } from '@ephemera/model';
import { expect, test } from 'vitest';
import { checkJobName, checkName, checkNamespace, checkOrder } from './check-order.ts';
import type { OrderProblem } from './errors.ts';

/** As a request brings it, which no type holds back. */
const order = (more: object = {}) => ({ name: 'pr-12', ...more }) as Parameters<typeof checkOrder>[0];

const repository = {
  url: 'https://github.com/acme/shop',
  branch: 'feature/login',
  pullRequest: 12,
  imageName: 'ghcr.io/acme/shop:pr-12',
};

function errorOf(call: () => unknown): EphemeraError {
  try {
    call();
  } catch (error) {
    if (error instanceof EphemeraError && error.code === 'pr_job.invalid') return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const problemsOf = (call: () => unknown) => errorOf(call).details['problems'] as readonly OrderProblem[];

test('a name alone is an order with the defaults of the documentation', () => {
  expect(checkOrder({ name: 'pr-12' })).toStrictEqual({
    name: 'pr-12',
    namespace: 'default',
    image: 'docker:24-dind',
    clusterName: undefined,
    profile: 'seed',
    repository: undefined,
    idempotencyKey: undefined,
    activeDeadlineSeconds: 1800,
    builder: 'rootless',
    builderLimits: { cpu: '2', memory: '4Gi' },
  });
});

test('a repository has its defaults too, and with it the job reads no Secrets', () => {
  const checked = checkOrder({ name: 'pr-12', repository });
  expect(checked.profile).toBe('minimal');
  expect(checked.repository).toStrictEqual({
    ...repository,
    dockerfile: 'Dockerfile',
    push: false,
    token: undefined,
    dockerConfigJson: undefined,
  });
});

test('everything that is set is kept', () => {
  const all = {
    name: 'a'.repeat(42),
    namespace: 'builds',
    image: 'registry.example:5000/tools/docker:24-dind',
    clusterName: 'arn:aws:eks:eu-west-1:1:cluster/main',
    profile: 'minimal',
    idempotencyKey: 'Run 17, attempt 2',
    activeDeadlineSeconds: 60,
    builder: 'privileged',
    builderLimits: { cpu: '500m', memory: '16Gi' },
    repository: {
      ...repository,
      dockerfile: 'docker/web.Dockerfile',
      push: true,
      token: 'ghs_1',
      dockerConfigJson: '{"auths":{}}',
    },
  } as const;
  expect(checkOrder(all)).toStrictEqual(all);
});

test.each([
  ['no name', { name: undefined }, 'name is missing'],
  ['an empty name', { name: '' }, 'name is empty'],
  ['a number as name', { name: 12 }, 'name is not a text'],
  ['a name that is no DNS label', { name: 'PR_12' }, 'name is not a DNS label'],
  ['a name with a dot', { name: 'pr.12' }, 'name is not a DNS label'],
  ['a name that begins with -', { name: '-a' }, 'name is not a DNS label'],
  ['a name with a line break', { name: 'a\n' }, 'name is not a DNS label'],
  ['a name of 43 characters', { name: 'a'.repeat(43) }, 'name has 43 characters'],
  ['a name of 300 characters', { name: 'a'.repeat(300) }, 'name has 300 characters'],
  ['a name that the guard may confuse', { name: `${'a'.repeat(28)}-${'2'.repeat(13)}` }, 'name is long and ends like'],
  ['a namespace that is none', { namespace: 'Builds' }, 'namespace is not a DNS label'],
  ['a long namespace', { namespace: 'a'.repeat(64) }, 'namespace has 64 characters'],
  ['null as namespace', { namespace: null }, 'namespace is not a text'],
  ['an empty image', { image: '' }, 'image is empty'],
  ['an image with a space', { image: 'docker 24' }, 'image has spaces'],
  ['an image with an escape sequence', { image: 'docker:\u001B[2J' }, 'image has spaces or control characters'],
  ['an image in capitals', { image: 'Docker' }, 'image is not the name'],
  ['an image that is a URL', { image: 'https://ghcr.io/a/b' }, 'image is a URL'],
  ['an image with a bad tag', { image: 'docker:-' }, 'image has a tag that is none'],
  ['an image with a bad digest', { image: 'docker@sha256:12' }, 'image has a digest that is none'],
  ['an image with a bad port', { image: 'a.example:99999/b' }, 'image is not the name'],
  ['a long image', { image: 'a'.repeat(256) }, 'image has a name of 256 characters'],
  ['an empty clusterName', { clusterName: '' }, 'clusterName is empty'],
  ['a clusterName with a line break', { clusterName: 'a\nb' }, 'clusterName has control characters'],
  ['an unknown profile', { profile: 'admin' }, 'profile is none of its values'],
  ['an unknown builder', { builder: 'root' }, 'builder is none of its values'],
  ['limits that are none', { builderLimits: '4Gi' }, 'builderLimits is not an object'],
  ['limits of something else', { builderLimits: { disk: '1Gi' } }, 'builderLimits.disk is not known'],
  ['no memory', { builderLimits: { memory: '0' } }, 'builderLimits.memory is not a quantity above 0'],
  [
    'a limit with another option',
    { builderLimits: { cpu: '1,image=a' } },
    'builderLimits.cpu is not a quantity above 0',
  ],
  ['an empty idempotencyKey', { idempotencyKey: '' }, 'idempotencyKey is empty'],
  ['a long idempotencyKey', { idempotencyKey: 'a'.repeat(256) }, 'idempotencyKey has 256 characters'],
  ['an idempotencyKey with a tab', { idempotencyKey: 'a\tb' }, 'idempotencyKey has control characters'],
  ['no deadline', { activeDeadlineSeconds: 0 }, 'activeDeadlineSeconds is not such a number'],
  ['half a second', { activeDeadlineSeconds: 0.5 }, 'activeDeadlineSeconds is not such a number'],
  ['a deadline of two days', { activeDeadlineSeconds: 172_800 }, 'activeDeadlineSeconds is not such a number'],
  ['a deadline as text', { activeDeadlineSeconds: '60' }, 'activeDeadlineSeconds is not such a number'],
  ['a key that is misspelt', { nameSpace: 'a' }, 'nameSpace is not known. Did you mean namespace?'],
  ['a key that nobody knows', { command: 'sh' }, 'command is not known. Known: name, namespace,'],
  ['a key that controls a terminal', { '\u001B[2J': 1 }, '(a key) is not known'],
  ['seed and a repository', { profile: 'seed', repository }, 'profile is seed, with which the job could read'],
  ['a repository that is a text', { repository: 'acme/shop' }, 'repository is not an object'],
  ['a repository that is a list', { repository: [] }, 'repository is not an object'],
])('an order with %s is refused in words', (_, more, says) => {
  const { message } = errorOf(() => checkOrder(order(more)));
  expect(message).toContain(`- ${says}`);
  expect(message.split('\n')).toHaveLength(2);
});

test.each([
  ['no URL', { url: undefined }, 'url is missing'],
  ['an empty URL', { url: '' }, 'url is not an https URL'],
  ['a URL of ssh', { url: 'git@github.com:acme/shop.git' }, 'url is not an https URL'],
  ['a file', { url: 'file:///etc' }, 'url is not an https URL'],
  ['a helper of Git', { url: 'ext::sh -c id' }, 'url has spaces'],
  ['an option', { url: '--upload-pack=id' }, 'url is not an https URL'],
  ['a user', { url: 'https://ada@github.com/acme/shop' }, 'url has credentials in it'],
  ['an empty user', { url: 'https://@github.com/acme/shop' }, 'url has credentials in it'],
  ['a backslash', { url: 'https://github.com\\@evil.example/a' }, 'url has spaces, backslashes'],
  ['a query', { url: 'https://github.com/acme/shop?a=b' }, 'url has a query or a fragment'],
  ['a fragment', { url: 'https://github.com/acme/shop#main' }, 'url has a query or a fragment'],
  ['an empty query', { url: 'https://github.com/acme/shop?' }, 'url has a query or a fragment'],
  ['no path', { url: 'https://github.com/' }, 'url names no repository'],
  ['a line break', { url: 'https://github.com/acme/\nshop' }, 'url has spaces'],
  ['http to the world', { url: 'http://github.com/acme/shop' }, 'url is not encrypted'],
  ['http to a public address', { url: 'http://8.8.8.8/acme/shop' }, 'url is not encrypted'],
  ['http to the credentials of a cloud', { url: 'http://169.254.169.254/latest' }, 'url is not encrypted'],
  ['http to a host that looks like a Service', { url: 'http://git.svc.example/a' }, 'url is not encrypted'],
  ['no branch', { branch: undefined }, 'branch is missing'],
  ['a branch that is an option', { branch: '--upload-pack=id' }, 'branch begins with -'],
  ['a branch with a line break', { branch: 'a\nb' }, 'branch has control characters'],
  ['no pull request', { pullRequest: undefined }, 'pullRequest is missing'],
  ['a pull request of 0', { pullRequest: 0 }, 'pullRequest is not such a number'],
  ['a pull request as text', { pullRequest: '12' }, 'pullRequest is not such a number'],
  ['an image without a name', { imageName: ':pr-12' }, 'imageName is not the name'],
  ['an image that is an option', { imageName: '--push' }, 'imageName is not the name'],
  ['an image with a digest', { imageName: `a@sha256:${'0'.repeat(64)}` }, 'imageName has a digest'],
  ['a Dockerfile outside', { dockerfile: '../Dockerfile' }, 'dockerfile leads out of the repository'],
  ['a Dockerfile of the machine', { dockerfile: '/etc/passwd' }, 'dockerfile is not relative'],
  ['a Dockerfile that is an option', { dockerfile: '-f' }, 'dockerfile begins with -'],
  ['a Dockerfile that is a folder', { dockerfile: 'docker/' }, 'dockerfile is a folder'],
  ['an empty Dockerfile', { dockerfile: '' }, 'dockerfile is empty'],
  ['push as text', { push: 'true' }, 'push is not true or false'],
  ['an empty token', { token: '' }, 'token is empty'],
  ['a key that is misspelt', { dockerFile: 'a' }, 'dockerFile is not known. Did you mean dockerfile?'],
])('a repository with %s is refused in words', (_, more, says) => {
  const { message } = errorOf(() => checkOrder(order({ repository: { ...repository, ...more } })));
  expect(message).toContain(`- repository.${says}`);
  expect(message.split('\n')).toHaveLength(2);
});

test.each([
  { token: 'hunter2\nhunter2' },
  { token: ['hunter2'] },
  { dockerConfigJson: '{"hunter2"' },
  { dockerConfigJson: '{"auth":"hunter2"}' },
  { dockerConfigJson: '{"auths":{"a":"hunter2"}}' },
  { url: 'https://ada:hunter2@github.com/acme/shop' },
  { hunter2: true, [`hunter2${'a'.repeat(100)}`]: 1 },
])('no value of an order is told again: %j', (more) => {
  const error = errorOf(() => checkOrder(order({ repository: { ...repository, ...more } })));
  const said = JSON.stringify([error.message, error.hint, error.details]);
  // A short key is told, as it is how a misspelt one is found; no value ever is.
  expect(said.replaceAll('repository.hunter2 is', '').replaceAll('"repository.hunter2"', '')).not.toContain('hunter2');
});

test('all problems are told at once, each with its path and what to write instead', () => {
  const problems = problemsOf(() =>
    checkOrder(order({ name: 'PR', image: '', spec: 1, repository: { ...repository, url: 'a', push: 1 } })),
  );
  expect(problems.map(({ path }) => path)).toEqual(['spec', 'name', 'image', 'repository.url', 'repository.push']);
  for (const { fix } of problems) expect(fix).toMatch(/^[A-Z].*[.?]$/);
});

test('a name that is too long is told how long it may be, and why', () => {
  expect(problemsOf(() => checkName('a'.repeat(43)))).toEqual([
    {
      path: 'name',
      problem: 'has 43 characters',
      fix: 'Use at most 42 characters, because pr-job- and the time take 21 of the 63 characters of a Job’s name.'.replace(
        '’',
        "'",
      ),
    },
  ]);
});

test.each([null, undefined, 'pr-12', 12, []])('what is no order at all is refused: %j', (value) => {
  const problems = problemsOf(() => checkOrder(value as never));
  expect(problems[0]).toMatchObject({ path: 'the order', problem: 'is not an object' });
});

test('the one spelling of a URL goes on', () => {
  const checked = checkOrder(order({ repository: { ...repository, url: 'https://GitHub.com:443/acme/./shop' } }));
  expect(checked.repository?.url).toBe('https://github.com/acme/shop');
});

test.each([
  'http://localhost:3000/a',
  'http://127.0.0.1:3000/a',
  'http://10.1.2.3/a',
  'http://172.31.255.2:5000/a',
  'http://192.168.1.1/a',
  'http://[::1]:3000/a',
  'http://[fd00::1]/a',
  'http://git.builds.svc/a',
  'http://git.builds.svc.cluster.local/a',
])('a repository inside may be asked without encryption: %s', (url) => {
  expect(checkOrder(order({ repository: { ...repository, url } })).repository?.url).toBe(url);
});

test.each([
  'busybox',
  'docker:24-dind',
  'localhost/a',
  'ghcr.io/a/b__c:1',
  `a@sha256:${'0'.repeat(64)}`,
  '[::1]:5000/a',
])('an image that a kubelet pulls is taken: %s', (image) => expect(checkOrder(order({ image })).image).toBe(image));

test('the guard confuses no shorter name, and none with another end', () => {
  for (const name of [`${'a'.repeat(25)}-${'2'.repeat(13)}`, `${'a'.repeat(29)}-${'2'.repeat(12)}`])
    expect(checkName(name)).toBe(name);
});

test('names are checked alone where only they are needed', () => {
  expect([checkName('a'), checkNamespace(undefined), checkNamespace('b'), checkJobName('pr-job-a-1')]).toEqual([
    'a',
    'default',
    'b',
    'pr-job-a-1',
  ]);
  expect(problemsOf(() => checkNamespace('../secrets'))[0]?.path).toBe('namespace');
  expect(problemsOf(() => checkJobName(undefined))[0]).toMatchObject({ path: 'jobName', problem: 'is missing' });
  expect(problemsOf(() => checkJobName('a/b'))[0]?.problem).toBe('is not a DNS label');
});
