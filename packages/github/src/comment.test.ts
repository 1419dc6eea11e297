import { expect } from 'vitest';
import { test } from '../test/fixture.ts';

const marker = '<!-- ephemera:environment -->';
const saying = (text: string) => ({ marker, body: `${marker}\n${text}` });
const at = { owner: 'acme', repo: 'shop' } as const;

test('the comment is written once and edited after that', async ({ github, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const id = await github.stickyComment(ref, { number: pull.number, ...saying('one') });
  expect(await github.stickyComment(ref, { number: pull.number, id, ...saying('two') })).toBe(id);
  expect(pull.comments()).toMatchObject([{ id, body: `${marker}\ntwo` }]);
});

test('when its id is lost, the comment is found again by marker and author', async ({ github, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const id = await github.stickyComment(ref, { number: pull.number, ...saying('one') });
  expect(await github.stickyComment(ref, { number: pull.number, ...saying('two') })).toBe(id);
  expect(pull.comments()).toHaveLength(1);
});

test('it is found among more than a hundred comments', async ({ github, octokit, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  for (let count = 0; count < 101; count += 1) {
    await octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...at,
      issue_number: pull.number,
      body: `another comment of the App, ${count}`,
    });
  }
  const id = await github.stickyComment(ref, { number: pull.number, ...saying('one') });
  relay.calls.length = 0;
  expect(await github.stickyComment(ref, { number: pull.number, ...saying('two') })).toBe(id);
  expect(relay.calls.filter((call) => call.startsWith('GET'))).toHaveLength(2);
  expect(pull.comments()).toHaveLength(102);
});

test('a comment that a person deleted is written anew', async ({ github, octokit, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const id = await github.stickyComment(ref, { number: pull.number, ...saying('one') });
  await octokit.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', { ...at, comment_id: id });
  const anew = await github.stickyComment(ref, { number: pull.number, id, ...saying('two') });
  expect(anew).not.toBe(id);
  expect(pull.comments()).toMatchObject([{ id: anew, body: `${marker}\ntwo` }]);
});

test('a comment that has not changed is only looked at, and is written anew when a person deleted it', async ({
  github,
  octokit,
  relay,
  shop,
  ref,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const id = await github.stickyComment(ref, { number: pull.number, ...saying('one') });
  relay.calls.length = 0;
  expect(await github.stickyComment(ref, { number: pull.number, id, unchanged: true, ...saying('one') })).toBe(id);
  expect(relay.calls.filter((call) => !call.startsWith('GET'))).toEqual([]);
  await octokit.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', { ...at, comment_id: id });
  const anew = await github.stickyComment(ref, { number: pull.number, id, unchanged: true, ...saying('one') });
  expect(pull.comments()).toMatchObject([{ id: anew, body: `${marker}\none` }]);
});

test('a comment of somebody else is not taken, though it holds the marker', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const foreign = { id: 1, user: { login: 'stranger' }, body: saying('mine').body, performed_via_github_app: null };
  relay.change = ({ method, path }, body) =>
    method === 'GET' && path.includes('/comments') ? [foreign, ...(body as unknown[])] : body;
  const id = await github.stickyComment(ref, { number: pull.number, ...saying('one') });
  expect(id).not.toBe(foreign.id);
  expect(await github.stickyComment(ref, { number: pull.number, ...saying('two') })).toBe(id);
  expect(relay.calls.filter((call) => call.endsWith('/comments/1'))).toEqual([]);
});

test('an error while editing is no reason to write a second comment', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const id = await github.stickyComment(ref, { number: pull.number, ...saying('one') });
  relay.instead = ({ method }) => (method === 'PATCH' ? { status: 502, body: {} } : undefined);
  await expect(github.stickyComment(ref, { number: pull.number, id, ...saying('two') })).rejects.toMatchObject({
    code: 'github.unavailable',
  });
  expect(pull.comments()).toHaveLength(1);
});
