import { expect } from 'vitest';
import { aString, matching, shop, test } from '../test/fixture.ts';
import type { FakeRepository, OpenInput } from './index.ts';

/** Opens one in the repository that Octokit is pointed at. */
const open = ({ repository }: { repository: FakeRepository }, input: Partial<OpenInput> = {}) =>
  repository.open({ head: 'feat/cart', ...input });

const refused = (status: number, message: string | RegExp) => ({
  status,
  message: matching(message),
});

test('statuses are kept per commit, and the newest of each context counts', async ({ octokit }) => {
  const pull = await open(octokit);
  const sha = pull.sha();
  const write = (state: 'pending' | 'success', context: string) =>
    octokit.shop('POST /repos/{owner}/{repo}/statuses/{sha}', { ...shop, sha, state, context, description: 'x' });
  const { status, data } = await write('pending', 'ephemera/environment');
  expect({ status, creator: data.creator?.login }).toEqual({ status: 201, creator: 'ephemera-fake[bot]' });
  await write('success', 'lint');

  const combined = await octokit.shop('GET /repos/{owner}/{repo}/commits/{ref}/status', { ...shop, ref: 'feat/cart' });
  expect(combined.data).toMatchObject({ state: 'pending', sha, total_count: 2 });
  await write('success', 'ephemera/environment');
  const after = await octokit.shop('GET /repos/{owner}/{repo}/commits/{ref}/status', { ...shop, ref: sha });
  expect(after.data).toMatchObject({ state: 'success', total_count: 2 });
  const list = await octokit.shop('GET /repos/{owner}/{repo}/commits/{ref}/statuses', { ...shop, ref: sha });
  expect(list.data.map(({ state, context }) => [state, context])).toEqual([
    ['success', 'ephemera/environment'],
    ['success', 'lint'],
    ['pending', 'ephemera/environment'],
  ]);
  expect(pull.view().statuses.map(({ state }) => state)).toEqual(['pending', 'success', 'success']);
  expect(pull.status('ephemera/environment')).toBe('success');
  expect(pull.status('nobody')).toBeUndefined();
});

test('a status that GitHub would refuse is refused', async ({ octokit }) => {
  const sha = (await open(octokit)).sha();
  const write = (fields: object) =>
    octokit.shop('POST /repos/{owner}/{repo}/statuses/{sha}', { ...shop, sha, state: 'success', ...fields });
  await expect(write({ sha: '0'.repeat(40) })).rejects.toMatchObject(refused(422, /^No commit found for SHA/));
  await expect(write({ state: 'great' })).rejects.toMatchObject(refused(422, /^Invalid request/));
  await expect(write({ description: 'x'.repeat(141) })).rejects.toMatchObject(refused(422, /too long/));
  await expect(write({ target_url: 'javascript:alert(1)' })).rejects.toMatchObject(refused(422, /must use http/));
});

test('a comment is written by the bot, edited and deleted', async ({ github, octokit }) => {
  const pull = await open(octokit);
  const route = '/repos/{owner}/{repo}/issues/comments/{comment_id}';
  const { status, data } = await octokit.shop('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    ...shop,
    issue_number: 1,
    body: 'Building',
  });
  expect(status).toBe(201);
  expect(data).toMatchObject({
    user: { login: 'ephemera-fake[bot]', type: 'Bot' },
    performed_via_github_app: { id: Number(github.settings.GITHUB_APP_ID) },
  });
  const at = { ...shop, comment_id: data.id };
  expect(await octokit.shop(`PATCH ${route}`, { ...at, body: 'Ready' })).toMatchObject({ data: { body: 'Ready' } });
  expect(await octokit.shop(`GET ${route}`, at)).toMatchObject({ data: { body: 'Ready' } });
  expect(pull.comments()).toEqual([{ id: data.id, user: 'ephemera-fake[bot]', body: 'Ready' }]);
  await expect(octokit.shop(`PATCH ${route}`, { ...at, body: ' ' })).rejects.toMatchObject(refused(422, /blank/));
  expect(await octokit.shop(`DELETE ${route}`, at)).toMatchObject({ status: 204 });
  await expect(octokit.shop(`GET ${route}`, at)).rejects.toMatchObject(refused(404, 'Not Found'));
});

test('comments come in pages that link to each other', async ({ github, octokit }) => {
  await open(octokit);
  const at = { ...shop, issue_number: 1 };
  for (const body of ['1', '2', '3', '4', '5']) {
    await octokit.shop('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...at, body });
  }
  const list = (page: number) =>
    octokit.shop('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...at, per_page: 2, page });
  const second = await list(2);
  expect(second.data.map(({ body }) => body)).toEqual(['3', '4']);
  const url = `${github.url}/repos/acme/shop/issues/1/comments?per_page=2&page=`;
  expect(second.headers.link).toBe(
    `<${url}1>; rel="prev", <${url}1>; rel="first", <${url}3>; rel="next", <${url}3>; rel="last"`,
  );
  expect((await list(3)).headers.link).not.toContain('next');
  expect((await list(9)).data).toEqual([]);
});

test('pull requests are listed by state, head and base, newest first', async ({ octokit }) => {
  await open(octokit, { head: 'one' });
  await open(octokit, { head: 'two', base: 'release' });
  await open(octokit, { head: 'three', fork: true, author: 'stranger' }).then((pull) => pull.close());
  const numbers = async (query = {}) => {
    const { data } = await octokit.shop('GET /repos/{owner}/{repo}/pulls', { ...shop, ...query });
    return data.map(({ number }) => number);
  };
  expect(await numbers()).toEqual([2, 1]);
  expect(await numbers({ state: 'all', sort: 'created', direction: 'asc' })).toEqual([1, 2, 3]);
  expect(await numbers({ state: 'closed', head: 'stranger:three' })).toEqual([3]);
  expect(await numbers({ base: 'release' })).toEqual([2]);
  expect(await numbers({ per_page: 1, page: 2 })).toEqual([1]);
  await expect(numbers({ state: 'merged' })).rejects.toMatchObject(refused(422, /^Invalid request/));
});

test('a pull request that did not change is not sent again', async ({ octokit }) => {
  const pull = await open(octokit);
  const read = (etag?: string) =>
    octokit.shop('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
      ...shop,
      pull_number: 1,
      headers: etag === undefined ? {} : { 'if-none-match': etag },
    });
  const { data, headers } = await read();
  expect(data).toMatchObject({ number: 1, head: { sha: pull.sha() }, merged: false, mergeable: true });
  await expect(read(headers.etag)).rejects.toMatchObject({ status: 304 });
  await pull.push();
  expect((await read(headers.etag)).data.head.sha).toBe(pull.sha());
});

test('a repository and its pull requests are found by id too', async ({ octokit }) => {
  await open(octokit);
  const { data } = await octokit.shop('GET /repos/{owner}/{repo}', shop);
  expect(data).toMatchObject({ full_name: 'acme/shop', default_branch: 'main', open_issues_count: 1 });
  const byId = await octokit.shop('GET /repositories/{id}', { id: data.id });
  expect(byId.data).toEqual(data);
  expect(await octokit.shop('GET /repositories/{id}/pulls/1', { id: data.id })).toMatchObject({ data: { number: 1 } });
});

test('check runs are created, completed by their conclusion and found by commit', async ({ octokit }) => {
  const pull = await open(octokit);
  const sha = pull.sha();
  const { data } = await octokit.shop('POST /repos/{owner}/{repo}/check-runs', {
    ...shop,
    name: 'ephemera',
    head_sha: sha,
    status: 'in_progress',
    output: { title: 'Building', summary: 'step 1' },
  });
  expect(data).toMatchObject({ status: 'in_progress', conclusion: null, app: { slug: 'ephemera-fake' } });
  await octokit.shop('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', {
    ...shop,
    check_run_id: data.id,
    conclusion: 'failure',
    output: { title: 'Failed', summary: 'no such image' },
  });
  const list = await octokit.shop('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', { ...shop, ref: sha });
  expect(list.data).toMatchObject({ total_count: 1, check_runs: [{ status: 'completed', conclusion: 'failure' }] });
  expect(pull.view().checks).toMatchObject([{ sha, name: 'ephemera', status: 'completed', title: 'Failed' }]);
});

test('files are read at the commit, the branch and the base', async ({ octokit }) => {
  const pull = await open(octokit, { files: { 'app/main.py': 'print("é")\n' }, fork: true, author: 'stranger' });
  const read = (path: string, ref?: string, accept = 'application/json') =>
    octokit.shop('GET /repos/{owner}/{repo}/contents/{path}', {
      ...shop,
      path,
      ...(ref && { ref }),
      headers: { accept },
    });
  const { data } = await read('app/main.py', pull.sha());
  expect(data).toMatchObject({ type: 'file', name: 'main.py', encoding: 'base64', size: 12 });
  expect(Buffer.from((data as { content: string }).content, 'base64').toString()).toBe('print("é")\n');
  expect((await read('compose.yaml', 'refs/pull/1/head', 'application/vnd.github.raw+json')).data).toBe(
    'services: {}\n',
  );
  expect((await read('', pull.sha())).data).toMatchObject([{ name: 'app', type: 'dir' }, { name: 'compose.yaml' }]);
  expect((await read('app', pull.sha())).data).toMatchObject([{ path: 'app/main.py', type: 'file' }]);
  await expect(read('app/main.py')).rejects.toMatchObject(refused(404, 'Not Found'));
  await expect(read('compose.yaml', 'nowhere')).rejects.toMatchObject(refused(404, 'Not Found'));
});

test('who may write is known', async ({ octokit }) => {
  await open(octokit, { author: 'maria' });
  await open(octokit, { head: 'other', fork: true, author: 'stranger' });
  const permission = async (username: string) => {
    const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
    return (await octokit.shop(route, { ...shop, username })).data.permission;
  };
  expect(await Promise.all(['acme', 'maria', 'stranger'].map(permission))).toEqual(['admin', 'write', 'read']);
  await expect(permission('nobody')).rejects.toMatchObject(refused(404, 'Not Found'));
});

test('what the fake does not play is not found, in the shape of GitHub', async ({ octokit }) => {
  await expect(octokit.shop('GET /repos/{owner}/{repo}/branches', shop)).rejects.toMatchObject({
    status: 404,
    response: { data: { message: 'Not Found', status: '404', documentation_url: aString } },
  });
});
