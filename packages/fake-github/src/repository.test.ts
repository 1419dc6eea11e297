import { expect } from 'vitest';
import { aNumber, control, matching, shop, test } from '../test/fixture.ts';
import type { Receiver } from '../test/receiver.ts';

const deadline = { timeout: 5_000, interval: 10 };
const pulls = '/repos/{owner}/{repo}/pulls';

/** What arrived, as `event.action`, once there are so many. */
async function announced(receiver: Receiver, count: number): Promise<string[]> {
  await expect.poll(() => receiver.received.length, deadline).toBe(count);
  return receiver.received.map(
    ({ headers, payload }) => `${String(headers['x-github-event'])}.${String(payload['action'])}`,
  );
}

const payloadOf = (receiver: Receiver, event: string) =>
  receiver.received.find(({ headers }) => headers['x-github-event'] === event)?.payload;

test('a renamed repository answers at its new name, and its old one leads to its id', async ({
  github,
  octokit,
  receiver,
}) => {
  const { repository } = octokit;
  const pull = await repository.open({ head: 'feat/cart' });
  await announced(receiver, 1);
  await repository.rename('store');
  expect(await announced(receiver, 2)).toEqual(['pull_request.opened', 'repository.renamed']);
  expect(payloadOf(receiver, 'repository')).toMatchObject({
    changes: { repository: { name: { from: 'shop' } } },
    repository: { id: repository.id, full_name: 'acme/store', url: `${github.url}/repos/acme/store` },
    installation: { id: aNumber },
  });

  const manual = { ...shop, per_page: 1, request: { redirect: 'manual' as const } };
  const old = await octokit.shop(`GET ${pulls}`, manual);
  const location = `${github.url}/repositories/${repository.id}/pulls?per_page=1`;
  expect(old).toMatchObject({
    status: 301,
    headers: { location },
    data: { message: 'Moved Permanently', url: location },
  });
  expect((await octokit.shop(`GET ${pulls}`, shop)).data).toMatchObject([{ number: 1 }]);
  const renamed = await octokit.shop('GET /repos/{owner}/{repo}', { owner: 'acme', repo: 'store' });
  expect(renamed.data).toMatchObject({ id: repository.id, full_name: 'acme/store' });
  expect((await octokit.app('GET /repos/{owner}/{repo}/installation', shop)).status).toBe(200);

  expect([repository.fullName, pull.repository, pull.view().state]).toEqual(['acme/store', 'acme/store', 'open']);
  await pull.push();
  await announced(receiver, 3);
});

test('a write to a former name is sent on as the same write', async ({ octokit }) => {
  const { repository } = octokit;
  const pull = await repository.open({ head: 'feat/cart' });
  await repository.rename('store');
  const write = (request: object) =>
    octokit.shop('POST /repos/{owner}/{repo}/statuses/{sha}', {
      ...shop,
      sha: pull.sha(),
      state: 'success',
      context: 'ephemera/environment',
      request,
    });
  expect(await write({ redirect: 'manual' })).toMatchObject({ status: 307, data: { message: 'Temporary Redirect' } });
  expect(pull.status('ephemera/environment')).toBeUndefined();
  expect((await write({})).status).toBe(201);
  expect(pull.status('ephemera/environment')).toBe('success');
});

test('a former name that another repository takes belongs to that one', async ({ github, octokit }) => {
  await octokit.repository.rename('store');
  const second = await github.repository({ owner: 'acme', name: 'shop' });
  expect((await octokit.shop('GET /repos/{owner}/{repo}', shop)).data.id).toBe(second.id);
  await second.rename('other');
  expect((await octokit.shop('GET /repos/{owner}/{repo}', shop)).data.id).toBe(second.id);
});

test('a transferred repository leaves one installation and joins the other', async ({ github, octokit, receiver }) => {
  const { repository } = octokit;
  await github.repository({ owner: 'globex', name: 'own' });
  const [from, to] = ['acme', 'globex'].map((owner) => github.installation(owner).view().id);
  await repository.transfer('globex');
  expect((await announced(receiver, 3)).toSorted()).toEqual([
    'installation_repositories.added',
    'installation_repositories.removed',
    'repository.transferred',
  ]);
  const told = receiver.received.map(({ payload }) => [
    payload['action'],
    (payload['installation'] as { id: number }).id,
  ]);
  expect(Object.fromEntries(told)).toEqual({ removed: from, added: to, transferred: to });
  expect(payloadOf(receiver, 'repository')).toMatchObject({
    changes: { owner: { from: { user: { login: 'acme' } } } },
    repository: { full_name: 'globex/shop', owner: { login: 'globex' } },
  });
  await expect(octokit.shop('GET /repos/{owner}/{repo}', shop)).rejects.toMatchObject({ status: 404 });
  const { data } = await octokit.app('GET /repos/{owner}/{repo}/installation', { owner: 'globex', repo: 'shop' });
  expect(data.id).toBe(to);
});

test('transferred to where the App is not installed, a repository is only known to have left', async ({
  github,
  octokit,
  receiver,
}) => {
  await github.installation('globex').remove();
  await octokit.repository.transfer('globex');
  expect(await announced(receiver, 2)).toEqual(['installation.deleted', 'installation_repositories.removed']);
  await octokit.repository.open({ head: 'unheard' });
  expect(octokit.repository.pull(1).view().deliveries).toEqual([]);
  const lookedUp = octokit.app('GET /repos/{owner}/{repo}/installation', { owner: 'globex', repo: 'shop' });
  await expect(lookedUp).rejects.toMatchObject({ status: 404 });
});

test('a deleted repository is gone under its name, its former name and its id', async ({ octokit, receiver }) => {
  const { repository } = octokit;
  await repository.open({ head: 'feat/cart' });
  await repository.rename('store');
  await repository.remove();
  expect((await announced(receiver, 4)).slice(2).toSorted()).toEqual([
    'installation_repositories.removed',
    'repository.deleted',
  ]);
  for (const path of ['/repos/acme/store', '/repos/acme/shop', `/repositories/${repository.id}`]) {
    await expect(octokit.shop(`GET ${path}`)).rejects.toMatchObject({ status: 404 });
  }
  expect((await octokit.shop('GET /installation/repositories')).data.total_count).toBe(0);
  expect(() => repository.pull(1)).toThrow('There is no repository acme/store.');
});

test('the control API renames, transfers and removes', async ({ github }) => {
  await control(github, 'POST', '/repositories', { owner: 'acme', name: 'shop' });
  await control(github, 'POST', '/repositories', { owner: 'acme', name: 'taken' });
  const act = (path: string, body?: object) => control(github, 'POST', `/repositories/acme/${path}`, body);
  expect(await act('shop/rename', { name: 'taken' })).toMatchObject({ status: 409 });
  expect(await act('shop/rename', { name: 'shop' })).toMatchObject({
    status: 400,
    body: { error: matching(/name: /) },
  });
  expect(await act('shop/rename', {})).toMatchObject({ status: 400, body: { error: matching(/name: /) } });
  expect(await act('shop/rename', { name: 'store' })).toMatchObject({ status: 200, body: { full_name: 'acme/store' } });
  expect(await act('shop/transfer', { owner: 'acme' })).toMatchObject({ status: 400 });
  expect(await act('shop/transfer', { owner: 'globex' })).toMatchObject({ body: { full_name: 'globex/store' } });
  expect(await act('shop/remove')).toMatchObject({ status: 200, body: { full_name: 'globex/store' } });
  expect(await act('shop/remove')).toMatchObject({ status: 404 });
});

test('a comment that a person deleted is not found any more', async ({ octokit }) => {
  const pull = await octokit.repository.open({ head: 'feat/cart' });
  const { data } = await octokit.shop('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    ...shop,
    issue_number: 1,
    body: 'Building',
  });
  const id = Number(data.id);
  await pull.deleteComment(id);
  expect(pull.comments()).toEqual([]);
  const edit = octokit.shop('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...shop,
    comment_id: data.id,
    body: 'Ready',
  });
  await expect(edit).rejects.toMatchObject({ status: 404 });
  await expect(pull.deleteComment(id)).rejects.toThrow(`Pull request 1 has no comment ${id}.`);
});
