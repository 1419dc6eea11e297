import { describe, expect } from 'vitest';
import { control, matching, test } from '../test/fixture.ts';
import type { FakeGitHub } from './index.ts';

const shop = { owner: 'acme', name: 'shop' };
const pulls = '/repositories/acme/shop/pulls';

async function opened(github: FakeGitHub, input: object = { head: 'feat/cart' }) {
  await control(github, 'POST', '/repositories', shop);
  const { status, body } = await control(github, 'POST', pulls, input);
  expect({ status, body }).toMatchObject({ status: 201 });
  return body as { number: number; head: { sha: string } };
}

test('a repository is created once, whatever the case of its name', async ({ github }) => {
  const first = await control(github, 'POST', '/repositories', shop);
  expect(first).toMatchObject({
    status: 201,
    body: { full_name: 'acme/shop', default_branch: 'main', private: false },
  });
  expect(await control(github, 'POST', '/repositories', { owner: 'ACME', name: 'Shop' })).toMatchObject({
    status: 409,
    body: { code: 'fake_github.repository_exists' },
  });
  expect((await control(github, 'GET', '/repositories')).body).toMatchObject([{ full_name: 'acme/shop', pulls: [] }]);
});

test('a pull request goes through its life, and each call says where it stands', async ({ github }) => {
  const { number, head } = await opened(github);
  expect({ number, sha: head.sha }).toEqual({ number: 1, sha: matching(/^[0-9a-f]{40}$/) });

  const pushed = await control(github, 'POST', `${pulls}/1/push`, { files: { 'a.txt': 'a' } });
  expect(pushed).toMatchObject({ status: 200, body: { number: 1, state: 'open' } });
  expect(pushed.body['head']).not.toEqual(head);
  expect(await control(github, 'POST', `${pulls}/1/close`)).toMatchObject({ status: 200, body: { state: 'closed' } });
  expect(await control(github, 'POST', `${pulls}/1/close`)).toMatchObject({ status: 409 });
  expect(await control(github, 'POST', `${pulls}/1/reopen`, {})).toMatchObject({
    status: 200,
    body: { state: 'open' },
  });
  expect(await control(github, 'POST', `${pulls}/1/reopen`)).toMatchObject({ status: 409 });
  expect(await control(github, 'POST', `${pulls}/1/close`, { merge: true })).toMatchObject({ status: 200 });
  expect(await control(github, 'POST', `${pulls}/1/reopen`)).toMatchObject({
    status: 409,
    body: { error: 'Pull request 1 is merged and cannot reopen.', retryable: false },
  });

  const view = await control(github, 'GET', `${pulls}/1`);
  expect(view.body).toMatchObject({
    state: 'closed',
    head: { ref: 'feat/cart' },
    comments: [],
    statuses: [],
    checks: [],
  });
});

test('what is pushed while a pull request is closed becomes its head when it is reopened', async ({ github }) => {
  const { head } = await opened(github);
  await control(github, 'POST', `${pulls}/1/close`);
  expect((await control(github, 'POST', `${pulls}/1/push`)).body['head']).toEqual(head);
  expect((await control(github, 'POST', `${pulls}/1/reopen`)).body['head']).not.toEqual(head);
});

test('the same branch is not opened twice at once', async ({ github }) => {
  await opened(github);
  expect(await control(github, 'POST', pulls, { head: 'feat/cart' })).toMatchObject({
    status: 409,
    body: { code: 'fake_github.pull_exists' },
  });
  await control(github, 'POST', `${pulls}/1/close`);
  expect(await control(github, 'POST', pulls, { head: 'feat/cart' })).toMatchObject({
    status: 201,
    body: { number: 2 },
  });
});

test('a branch may be called anything', async ({ github }) => {
  const head = `fix"; rm -rf $\{IFS}~ && $(id) \`x\` 'é' {{a}} <b>`;
  await opened(github, { head });
  expect((await control(github, 'GET', `${pulls}/1`)).body).toMatchObject({ head: { ref: head } });
});

describe('bad input is refused with the reason', () => {
  test.for<[method: string, path: string, body: unknown, status: number, error: string | RegExp]>([
    ['POST', '/repositories', { owner: 'acme' }, 400, /name: /],
    ['POST', '/repositories', { ...shop, colour: 'red' }, 400, /Unrecognized key: "colour"/],
    ['POST', '/repositories', { ...shop, owner: '../x' }, 400, /owner: must be a login/],
    ['POST', '/repositories', { ...shop, name: '..' }, 400, /name: must be letters/],
    ['POST', '/repositories', { ...shop, files: { '../up': '' } }, 400, /files\.\.\.\/up/],
    ['POST', '/repositories', { ...shop, files: { a: 1 } }, 400, /files\.a: .*expected string/],
    ['POST', '/repositories', '{', 400, /Problems parsing JSON/],
    ['POST', '/repositories', '[]', 400, /expected object/],
    ['POST', '/repositories/acme/nothing/pulls', { head: 'x' }, 404, 'There is no repository acme/nothing.'],
    ['POST', pulls, {}, 400, /head: /],
    ['POST', pulls, { head: '' }, 400, 'The input is not valid: head: must not be empty.'],
    ['POST', pulls, { head: '\ud800' }, 400, /head: must be well-formed/],
    ['POST', pulls, { head: 'main' }, 400, /head: is the base branch itself/],
    ['POST', pulls, { head: 'x', fork: true, author: 'acme' }, 400, /author: nobody forks/],
    ['POST', pulls, { head: 'x', draft: 'yes' }, 400, /draft: .*expected boolean/],
    ['POST', `${pulls}/1/edit`, {}, 400, /at least one of/],
    ['POST', `${pulls}/1/edit`, { state: 'closed' }, 400, /"state"/],
    ['POST', `${pulls}/1/reopen`, { merge: true }, 400, /"merge"/],
    ['POST', `${pulls}/1/explode`, {}, 404, /has no POST/],
    ['POST', `${pulls}/2/push`, {}, 404, 'Repository acme/shop has no pull request 2.'],
    ['GET', `${pulls}/0x1`, undefined, 404, /no pull request 0x1/],
    ['POST', '/deliveries/none/redeliver', undefined, 404, 'There is no delivery none.'],
  ])('%s %s %j', async ([method, path, body, status, error], { github }) => {
    await opened(github, { head: 'existing' });
    const answer = await control(github, method, path, body);
    expect(answer).toMatchObject({
      status,
      body: { error: matching(error), code: matching('fake_github.'), retryable: false },
    });
    expect(Object.keys(answer.body)).toEqual(['error', 'code', 'hint', 'retryable', 'details']);
  });
});

test('a web page cannot use the control API', async ({ github }) => {
  const answer = await fetch(`${github.url}/_control/repositories`, { headers: { origin: 'http://evil.example' } });
  expect(answer.status).toBe(403);
});
