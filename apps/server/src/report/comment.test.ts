import type { EnvironmentStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import { environmentRow } from '../../test/environment-row.ts';
import { commentMarker, renderComment } from './comment.ts';

const states: readonly EnvironmentStatus[] = [
  'pending',
  'provisioning',
  'ready',
  'updating',
  'failed',
  'destroying',
  'destroyed',
];

test.each([
  ['pending', '🟡 Environment is being prepared', 'A namespace of its own is being made for this pull request.'],
  ['provisioning', '🟡 Environment is being prepared', 'A namespace of its own is being made for this pull request.'],
  ['ready', '🟢 Environment is ready', 'The namespace, its quota and its guard rails are in place.'],
  ['updating', '🟡 Environment is being updated', 'A new commit has arrived; the environment follows.'],
  ['failed', '🔴 Environment failed', 'What happened: `the quota is full`'],
  ['destroying', '⚪ Environment is being removed', 'The pull request was closed; everything'],
  ['destroyed', '⚪ Environment is removed', 'Nothing is left in the cluster; it lived for 90 s.'],
] as const)('the comment says what %s means', (status, heading, sentence) => {
  const comment = renderComment(
    environmentRow({
      status,
      errorMessage: status === 'failed' ? 'the quota is full' : null,
      destroyedAt: new Date('2026-01-01T00:01:30Z'),
    }),
  );
  expect(comment).toContain(`## ${heading}\n`);
  expect(comment).toContain(sentence);
});

test.each(states)('the comment of a %s environment begins with the marker by which it is found again', (status) => {
  expect(renderComment(environmentRow({ status })).startsWith(`${commentMarker}\n`)).toBe(true);
});

test('the comment has URL, commit, branch, namespace and status', () => {
  expect(renderComment(environmentRow())).toContain(
    [
      '| | |',
      '| --- | --- |',
      '| **URL** | [pr-12-0123456789.preview.example](http://pr-12-0123456789.preview.example:3001) |',
      '| **Commit** | `aaaaaaa` on `feat/cart` |',
      '| **Namespace** | `pr-12-shop-0123456789` |',
      '| **Status** | `ready` |',
    ].join('\n'),
  );
});

test.each(['destroying', 'destroyed'] as const)('nothing links to an environment that is %s', (status) => {
  expect(renderComment(environmentRow({ status }))).not.toContain('http');
});

test('a merged pull request is called merged', () => {
  expect(renderComment(environmentRow({ status: 'destroying', merged: true }))).toContain(
    'The pull request was merged;',
  );
});

test('an environment that somebody ended by hand is not called closed, and the comment says how it comes back', () => {
  for (const status of ['destroying', 'destroyed'] as const) {
    const comment = renderComment(environmentRow({ status, held: true }));
    expect(comment).toContain('Somebody ended this environment by hand; a push, a retry or reopening');
    expect(comment).not.toContain('The pull request was');
  }
});

test.each([
  ['repository.gone', 'GitHub no longer shows the repository to this server.'],
  ['installation.removed', 'The GitHub App was uninstalled.'],
  ['environment.held', 'The pull request was closed.'],
])('a removal because of %s is not called a closed pull request unless it was', (reason, sentence) => {
  expect(renderComment(environmentRow({ status: 'destroyed', reason }))).toContain(`${sentence} Nothing is left`);
});

test('what is wrong with an environment that is ready is said', () => {
  const comment = renderComment(environmentRow({ reason: 'kube.forbidden', errorMessage: 'the quota cannot be set' }));
  expect(comment).toContain('something is wrong with it: `the quota cannot be set`');
  expect(comment).not.toContain('guard rails are in place');
});

test('a reopened pull request is told of its fresh namespace, and of the earlier one while that is still there', () => {
  const comment = renderComment(environmentRow({ status: 'provisioning', generation: 2 }), [
    environmentRow({ status: 'destroying', namespace: 'pr-12-old', errorMessage: 'a finalizer holds it' }),
    environmentRow({ status: 'destroyed', namespace: 'pr-12-older' }),
  ]);
  expect(comment).toContain('it gets a fresh namespace');
  expect(comment).toContain('An earlier environment, `pr-12-old`, is still being removed: `a finalizer holds it`');
  expect(comment).not.toContain('pr-12-older');
});

test.each([
  ['a backtick and a mention', 'x`@everyone`'],
  ['a pipe and a row', 'x | y |\n| **URL** | [here](http://evil.example)'],
  ['HTML', '<img src="http://evil.example/x.png">'],
  ['a comment that would hide the rest', '<!--'],
  ['a fence', '```\n# Heading\n```'],
])('a branch or an error with %s stays inside its table cell and its code span', (_what, hostile) => {
  const calm = renderComment(environmentRow({ status: 'failed', branchName: 'x', errorMessage: 'x' }));
  const comment = renderComment(environmentRow({ status: 'failed', branchName: hostile, errorMessage: hostile }));
  expect(comment.split('\n')).toHaveLength(calm.split('\n').length);
  const row = comment.split('\n').find((line) => line.startsWith('| **Commit**')) ?? '';
  expect(row.match(/\|/g)).toHaveLength(3);
  expect(withoutCode(comment)).not.toMatch(/@everyone|evil|<img|# Heading|<!--(?! ephemera:environment -->)/);
});

test('a very long error is cut, so that GitHub takes the comment', () => {
  const comment = renderComment(environmentRow({ status: 'failed', errorMessage: 'x'.repeat(100_000) }));
  expect(comment.length).toBeLessThan(2_000);
});

test.each([
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_200_000, '2 h'],
  [-5_000, '0 s'],
])('a life of %i ms reads %s', (ms, text) => {
  const createdAt = new Date('2026-01-01T00:00:00Z');
  const destroyedAt = new Date(createdAt.getTime() + ms);
  expect(renderComment(environmentRow({ status: 'destroyed', createdAt, destroyedAt }))).toContain(
    `lived for ${text}.`,
  );
});

/** What of a Markdown text is not inside a code span, by CommonMark's rule: equal runs of backticks belong together. */
function withoutCode(markdown: string): string {
  return markdown.replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, '');
}
