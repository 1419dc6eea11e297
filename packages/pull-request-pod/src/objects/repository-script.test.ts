import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGitServer, type GitServer } from '../../test/git-server.ts';
import { runScript } from '../../test/script-run.ts';
import { branchName } from './checks/branch.ts';
import { scripts } from './script.ts';

let server: GitServer;
beforeAll(async () => {
  server = await startGitServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const wanted = (more: Readonly<Record<string, string>> = {}) => ({
  REPO_URL: server.url,
  PR_BRANCH: 'feature',
  PR_NUMBER: '12',
  IMAGE_NAME: 'registry.example/shop:pr-12',
  DOCKERFILE: 'Dockerfile',
  PUSH: 'false',
  ...more,
});

const buildOf = ({ calls }: { readonly calls: readonly (readonly string[])[] }) =>
  calls.find(([, command]) => command === 'build');

test('the newest commit of the branch is built from its Dockerfile, and the log says that nothing is pushed', async () => {
  server.branch('feature', { Dockerfile: 'FROM old\n' });
  const commit = server.branch('feature', { Dockerfile: 'FROM busybox:1\n', 'docker/web': 'FROM web\n' });

  const ended = await runScript(scripts.repository, wanted());

  const dockerfile = expect.stringMatching(/\/dockerfile\/Dockerfile$/);
  const names = ['-f', dockerfile, '-t', 'registry.example/shop:pr-12'];
  expect(buildOf(ended)).toEqual(['buildx', 'build', '--platform', 'linux/amd64', ...names, '.']);
  expect(ended.dockerfile).toBe('FROM busybox:1\n');
  expect(ended.out).toContain(`Commit ${commit}.`);
  expect(ended.out).toContain('It was not pushed');
  expect(ended.calls.at(-1)).toEqual(['buildx', 'rm', 'k8s-builder']);
  expect(ended.left).toEqual([]);
  expect(ended.code).toBe(0);
});

test('the image is pushed only if that is asked for', async () => {
  server.branch('feature', { Dockerfile: 'FROM busybox:1\n' });

  const ended = await runScript(scripts.repository, wanted({ PUSH: 'true' }));

  expect(buildOf(ended)).toContain('--push');
  expect(ended.out).toContain('registry.example/shop:pr-12 was built and pushed successfully.');
});

test.each(['docker/web', './docker/web', 'link'])(
  'a Dockerfile elsewhere in the repository is used: %s',
  async (file) => {
    server.branch('feature', { 'docker/web': 'FROM web\n', link: '-> docker/web' });

    const ended = await runScript(scripts.repository, wanted({ DOCKERFILE: file }));

    expect(ended.dockerfile).toBe('FROM web\n');
    expect(ended.code).toBe(0);
  },
);

test('buildx gets a folder with the Dockerfile alone, so that it reads no policy and no link of the repository', async () => {
  const token = '/var/run/secrets/kubernetes.io/serviceaccount/token';
  const files = { Dockerfile: 'FROM busybox:1\n', 'Dockerfile.rego': `-> ${token}`, 'docker/web': 'FROM web\n' };
  server.branch('feature', {
    ...files,
    'docker/web.rego': 'package docker\n',
    '.dockerignore': 'of the whole context\n',
  });

  const [plain, elsewhere] = await Promise.all([
    runScript(scripts.repository, wanted()),
    runScript(scripts.repository, wanted({ DOCKERFILE: 'docker/web' })),
  ]);

  expect(plain.besideDockerfile).toEqual({ Dockerfile: 'FROM busybox:1\n' });
  expect(elsewhere.besideDockerfile).toEqual({ web: 'FROM web\n' });
  expect([plain.code, elsewhere.code]).toEqual([0, 0]);
});

test.each([
  ['a file', { 'docker/web.dockerignore': 'secrets\n' }],
  ['a link inside the repository', { 'docker/web.dockerignore': '-> ../ignored', ignored: 'secrets\n' }],
])('the .dockerignore of a Dockerfile goes with it: %s', async (_, files) => {
  server.branch('feature', { 'docker/web': 'FROM web\n', 'Dockerfile.dockerignore': 'of another one\n', ...files });

  const ended = await runScript(scripts.repository, wanted({ DOCKERFILE: 'docker/web' }));

  expect(ended.besideDockerfile).toEqual({ web: 'FROM web\n', 'web.dockerignore': 'secrets\n' });
  expect(ended.code).toBe(0);
});

test.each(['/etc/hostname', '../../../../etc/hostname', 'nowhere', '.git/config'])(
  'a .dockerignore of a Dockerfile that is a link to %s fails like such a Dockerfile',
  async (target) => {
    server.branch('feature', { Dockerfile: 'FROM busybox:1\n', 'Dockerfile.dockerignore': `-> ${target}` });

    const ended = await runScript(scripts.repository, wanted());

    expect(ended.problem).toContain('Dockerfile.dockerignore is no file of this repository');
    expect(ended.calls).toEqual([]);
    expect(ended.code).toBe(66);
  },
);

test.each([
  ['is missing', 'Dockerfile', { 'README.md': 'No Dockerfile.\n' }, 'There is no file Dockerfile on this branch'],
  ['is a folder', 'docker', { 'docker/web': 'FROM web\n' }, 'is no file of this repository'],
  [
    'is a link out of the repository',
    'Dockerfile',
    { Dockerfile: '-> /etc/hostname' },
    'is no file of this repository',
  ],
  ['is a relative link out of it', 'Dockerfile', { Dockerfile: '-> ../../../etc/hostname' }, 'is no file of this'],
  ['is a link to nothing', 'Dockerfile', { Dockerfile: '-> nowhere' }, 'is no file of this repository'],
  ['is behind a folder that is a link', 'etc/hostname', { etc: '-> /etc' }, 'is no file of this repository'],
  ['is a file of Git', '.git/config', { 'README.md': '' }, 'is no file of this repository'],
])('a Dockerfile that %s fails with a code of its own, before a builder is made', async (_, file, files, says) => {
  server.branch('feature', files);

  const ended = await runScript(scripts.repository, wanted({ DOCKERFILE: file }));

  expect(ended.problem).toContain(says);
  expect(ended.calls).toEqual([]);
  expect(ended.left).toEqual([]);
  expect(ended.code).toBe(66);
});

test.each([
  'a$(touch${IFS}pwned)b',
  'a`touch${IFS}pwned`b',
  `it's-"quoted"`,
  'x;touch${IFS}pwned;#',
  'x&&touch${IFS}pwned||true|cat',
  '$(TOKEN_FILE)-$$-${HOME}',
  'x--upload-pack=touch${IFS}pwned',
  '%s%n',
  'füße/✓',
])('a hostile branch is data: %s', async (branch) => {
  expect(branchName(branch)).toBeUndefined();
  const commit = server.branch(branch, { Dockerfile: 'FROM busybox:1\n' });

  const ended = await runScript(scripts.repository, wanted({ PR_BRANCH: branch }));

  expect(ended.out).toContain(`branch ${branch} of`);
  expect(ended.out).toContain(`Commit ${commit}.`);
  expect(ended.left).toEqual([]);
  expect(ended.code).toBe(0);
});

test('a branch that does not exist ends the job with Git’s own words', async () => {
  const ended = await runScript(scripts.repository, wanted({ PR_BRANCH: 'nowhere' }));

  expect(ended.problem).toContain("couldn't find remote ref refs/heads/nowhere");
  expect(ended.calls).toEqual([]);
  expect(ended.code).toBe(128);
});

test.each(['REPO_URL', 'PR_BRANCH', 'PR_NUMBER', 'IMAGE_NAME'])('the job ends at once without %s', async (name) => {
  const ended = await runScript(scripts.repository, wanted({ [name]: '' }));

  expect(ended.problem).toContain(`${name} is missing.`);
  expect(ended.code).toBe(1);
});

test('a private repository is read with the token of the file, which is seen nowhere else', async () => {
  await using secret = secretFiles({ token: 'ghs_verysecret' });
  await using closed = await startGitServer({ credentials: 'x-access-token:ghs_verysecret' });
  closed.branch('feature', { Dockerfile: 'FROM busybox:1\n' });
  const env = wanted({ REPO_URL: closed.url, TOKEN_FILE: secret.at('token') });

  const ended = await runScript(scripts.repository, env);

  expect(ended.code).toBe(0);
  expect(closed.asked.at(-1)?.credentials).toBe('x-access-token:ghs_verysecret');
  expect(JSON.stringify([ended, closed.asked.map(({ path: asked }) => asked)])).not.toContain('ghs_verysecret');
});

test('a private repository without a token ends the job instead of waiting for an answer', async () => {
  await using closed = await startGitServer({ credentials: 'x-access-token:ghs_verysecret' });

  const ended = await runScript(scripts.repository, wanted({ REPO_URL: closed.url }));

  expect(ended.problem).toContain('could not read Username');
  expect(ended.code).toBe(128);
});

test('a redirect is not followed, so that the token goes to nobody else', async () => {
  await using secret = secretFiles({ token: 'ghs_verysecret' });
  await using elsewhere = await startGitServer();
  elsewhere.branch('feature', { Dockerfile: 'FROM busybox:1\n' });
  await using moved = await startGitServer({ redirectTo: new URL(elsewhere.url).origin });

  const ended = await runScript(scripts.repository, wanted({ REPO_URL: moved.url, TOKEN_FILE: secret.at('token') }));

  expect(moved.asked).not.toEqual([]);
  expect(elsewhere.asked).toEqual([]);
  expect(ended.code).toBe(128);
});

test.each(['ext::touch pwned http://x', 'ext::touch pwned', 'file:///etc', '/etc', '--upload-pack=touch pwned'])(
  'no protocol but HTTP is spoken, and no helper of Git is run: %s',
  async (url) => {
    const ended = await runScript(scripts.repository, wanted({ REPO_URL: url }));

    expect(ended.problem).toContain('REPO_URL is no https URL.');
    expect(ended.left).toEqual([]);
    expect(ended.code).toBe(1);
  },
);

test('the credentials of the registry reach the client as its configuration', async () => {
  server.branch('feature', { Dockerfile: 'FROM busybox:1\n' });
  const config = '{"auths":{"registry.example":{"auth":"c2VjcmV0"}}}';
  await using secret = secretFiles({ 'config.json': config });

  const ended = await runScript(scripts.repository, wanted({ DOCKER_CONFIG_FILE: secret.at('config.json') }));

  expect(ended.dockerConfig).toBe(config);
  expect(ended.out + ended.problem + JSON.stringify(ended.calls)).not.toContain('c2VjcmV0');
});

/** Files as a mounted Secret has them. */
function secretFiles(files: Readonly<Record<string, string>>): AsyncDisposable & { at: (name: string) => string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'pr-job-secret-'));
  const at = (name: string) => path.join(folder, name);
  for (const [name, content] of Object.entries(files)) writeFileSync(at(name), content);
  return { at, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }) };
}
