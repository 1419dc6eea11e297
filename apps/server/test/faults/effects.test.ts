import { expect, test } from 'vitest';
import { clusterEffect, databaseEffect, githubEffect } from './effects.ts';

test.each([
  ['PATCH', '/api/v1/namespaces/pr-1-shop-abc?fieldManager=ephemera', 'cluster PATCH /api/v1/namespaces/{namespace}'],
  ['DELETE', '/api/v1/namespaces/pr-1-shop-abc', 'cluster DELETE /api/v1/namespaces/{namespace}'],
  ['GET', '/api/v1/namespaces?watch=true', undefined],
  ['PATCH', '/api/v1/namespaces/x?dryRun=All', undefined],
  ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', undefined],
])('%s %s on the cluster is %s', (method, path, effect) => {
  expect(clusterEffect({ method, path })).toBe(effect);
});

test('what differs from run to run is no part of the name of a call to GitHub', () => {
  const path = `/repos/acme/shop/statuses/${'a'.repeat(40)}`;
  expect(githubEffect({ method: 'POST', path })).toBe('github POST /repos/{repository}/statuses/{sha}');
  expect(githubEffect({ method: 'PATCH', path: '/repos/acme/shop/issues/comments/17' })).toBe(
    'github PATCH /repos/{repository}/issues/comments/{number}',
  );
  expect(githubEffect({ method: 'GET', path: '/repos/acme/shop/pulls/1' })).toBeUndefined();
});

test.each([
  [['insert into "events" ("a") values ($1)', 'insert into work (kind) values ($1)'], 'insert events; insert work'],
  [
    ["\n update work set lease_owner = $1, lease_until = now() + ($2 * interval '1 ms') where x = 1 returning *"],
    'update work (lease_owner, lease_until)',
  ],
  [
    [
      'update work set due_at = case when wanted = $1 then now() else now() end, attempts = coalesce(a, b) where k = $2',
    ],
    'update work (attempts, due_at)',
  ],
  [['delete from work where kind = $1'], 'delete work'],
])('a commit is named by what it changes: %j', (changes, effect) => {
  expect(databaseEffect({ changes })).toBe(`database ${effect}`);
});

test('a heartbeat is no effect', () => {
  const beat = "update work set lease_until = now() + $1 * interval '1 ms' where kind = $2 and epoch = $3";
  expect(databaseEffect({ changes: [beat] })).toBeUndefined();
});
