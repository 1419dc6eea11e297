import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { branchName } from './branch.ts';

test.each([
  'main',
  'feature/login',
  'a.b',
  '@',
  'a@b',
  'a{b}',
  'a$(id)',
  `it's`,
  '"a"',
  'a;b',
  'a|b&c',
  'a#b',
  '%',
  'füße',
  'lock',
  'a.lockx',
  '',
  '-a',
  '--upload-pack=id',
  'a b',
  'a..b',
  'a@{b',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[b',
  'a\\b',
  '.a',
  'a/.b',
  'a.',
  'a.lock',
  'a.lock/b',
  '/a',
  'a/',
  'a//b',
  'HEAD',
  'a\tb',
  'a\nb',
  'a\u007Fb',
])('Git and the check are of one mind about the branch %j', (branch) => {
  const git = spawnSync('git', ['check-ref-format', '--branch', branch], { cwd: '/', timeout: 10_000 });
  // Outside a repository Git cannot say what @ stands for; inside, it is the name of a branch that nobody can make.
  const format = spawnSync('git', ['check-ref-format', `refs/heads/${branch}`], { timeout: 10_000 });
  const taken = format.status === 0 && (git.status === 0 || branch === '@');
  expect(branchName(branch) === undefined).toBe(taken);
});

test.each(['a\u0085b', 'a\uD800b', 'a'.repeat(1025)])(
  'what Git takes and a log or a URL does not is refused',
  (branch) => {
    expect(branchName(branch)).toBeDefined();
  },
);
