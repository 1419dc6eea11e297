import { expect } from 'vitest';
import { control, shop, test } from '../test/fixture.ts';

test('what is written on GitHub is counted per installation, and every request by its route', async ({
  github,
  octokit,
}) => {
  const pull = await octokit.repository.open({ head: 'feat/cart' });
  const sha = pull.sha();
  const installationId = github.installation('acme').view().id;
  await octokit.shop('POST /repos/{owner}/{repo}/statuses/{sha}', { ...shop, sha, state: 'success' });
  const issue = { ...shop, issue_number: 1 };
  const { data } = await octokit.shop('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    ...issue,
    body: 'a',
  });
  await octokit.shop('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...shop,
    comment_id: Number(data.id),
    body: 'b',
  });
  await octokit.shop('POST /repos/{owner}/{repo}/check-runs', { ...shop, name: 'ephemera', head_sha: sha });
  const refused = octokit.shop('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...issue, body: ' ' });
  await expect(refused).rejects.toMatchObject({ status: 422 });
  for (const page of [1, 2]) await octokit.shop('GET /repos/{owner}/{repo}/pulls', { ...shop, page });

  const repository = '/repos/acme/shop';
  const expected = [
    ['POST', `${repository}/statuses/${sha}`, 201],
    ['POST', `${repository}/issues/1/comments`, 201],
    ['PATCH', `${repository}/issues/comments/${data.id}`, 200],
    ['POST', `${repository}/check-runs`, 201],
    ['POST', `${repository}/issues/1/comments`, 422],
  ];
  expect(github.writes().map(({ method, path, status }) => [method, path, status])).toEqual(expected);
  expect(new Set(github.writes().map((write) => write.installationId))).toEqual(new Set([installationId]));
  const times = github.writes().map(({ at }) => at.getTime());
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(github.requests()).toContainEqual({ method: 'GET', route: '/repos/{owner}/{repo}/pulls', count: 2 });
  expect((await control(github, 'GET', '/writes')).body).toHaveLength(expected.length);
  expect((await control(github, 'GET', '/requests')).body).toEqual(github.requests());
});
