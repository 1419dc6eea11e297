import { expect, test } from 'vitest';
import { demandImage, demandNamespace, demandProfile, reachesName, repositoryOf } from './policy.ts';

const policy = { namespaces: ['default', 'builds'], images: ['docker:*', 'busybox:1'] };
const anyone = { namespaces: undefined, images: undefined };

test('a namespace has to be one of the server’s and, where the caller is narrowed, one of the caller’s', () => {
  expect(() => demandNamespace(policy, anyone, 'builds')).not.toThrow();
  expect(() => demandNamespace(policy, { namespaces: ['builds', 'other'] }, 'builds')).not.toThrow();
  expect(() => demandNamespace(policy, anyone, 'kube-system')).toThrow(
    'Pull-request jobs may not use the namespace kube-system here: allowed are default, builds.',
  );
  expect(() => demandNamespace(policy, { namespaces: ['builds', 'other'] }, 'other')).toThrow('allowed is builds.');
  expect(() => demandNamespace(policy, { namespaces: ['builds'] }, 'default')).toThrow('allowed is builds.');
  expect(() => demandNamespace(policy, { namespaces: ['other'] }, 'default')).toThrow('here: none is.');
});

test('an image has to be one of the server’s and, where the caller has patterns, one of the caller’s', () => {
  expect(() => demandImage(policy, anyone, 'docker.io/library/docker:24-dind')).not.toThrow();
  expect(() => demandImage(policy, anyone, 'alpine')).toThrow(
    'Pull-request jobs may not run the image alpine here: allowed are docker:*, busybox:1.',
  );
  const narrowed = { images: ['docker:24*', 'alpine'] };
  expect(() => demandImage(policy, narrowed, 'docker:24-dind')).not.toThrow();
  expect(() => demandImage(policy, narrowed, 'docker:25')).toThrow('allowed are docker:24*, alpine.');
  expect(() => demandImage(policy, narrowed, 'alpine')).toThrow('allowed are docker:*, busybox:1.');
});

test('the profile of the settings is the most that a caller gets', () => {
  for (const profile of ['seed', 'minimal'] as const)
    expect(() => demandProfile({ profile: 'seed' }, profile)).not.toThrow();
  expect(() => demandProfile({ profile: 'minimal' }, 'minimal')).not.toThrow();
  expect(() => demandProfile({ profile: 'minimal' }, 'seed')).toThrow(
    expect.objectContaining({
      code: 'pr_job.profile_not_allowed',
      message: 'Pull-request jobs may not have the profile seed here: allowed is minimal.',
    }),
  );
});

const workflow = { repository: { id: 42, fullName: 'acme/shop' }, repositoryIds: [42] };
const some = (...repositoryIds: number[]) => ({ repositoryIds });

test.each([
  ['a workflow’s job belongs to its repository', workflow, undefined, 42],
  ['also when it says so', workflow, 42, 42],
  ['a token for one repository makes jobs of that one', some(42), undefined, 42],
  ['a token for several makes jobs of the one that is named', some(42, 43), 43, 43],
  ['a token for all makes jobs of nobody', { repositoryIds: undefined }, undefined, null],
  ['or of the one that is named', { repositoryIds: undefined }, 43, 43],
] as const)('%s', (_what, caller, asked, owner) => {
  expect(repositoryOf({ repository: undefined, ...caller }, asked)).toBe(owner);
});

test.each([
  ['another repository than the workflow’s own', workflow, 43, 'pr_job.repository_not_allowed'],
  ['one that the token is not for', some(42, 43), 44, 'pr_job.repository_not_allowed'],
  ['none, where the token is for several', some(42, 43), undefined, 'pr_job.repository_unclear'],
  [
    'none, where the token is for one that is known and one that is not',
    { repositoryIds: [42], hasUnknownRepositories: true },
    undefined,
    'pr_job.repository_unclear',
  ],
  ['none, where the token’s repository is not known yet', some(), undefined, 'pr_job.repository_unknown'],
] as const)('a job for %s is refused', (_what, caller, asked, code) => {
  expect(() => repositoryOf({ repository: undefined, ...caller }, asked)).toThrow(expect.objectContaining({ code }));
});

test('whoever is narrowed to repositories reaches the names of those, and of nobody else', () => {
  expect(reachesName(some(42), { repositoryId: 42 })).toBe(true);
  expect(reachesName(some(42), { repositoryId: 43 })).toBe(false);
  expect(reachesName(some(42), { repositoryId: null })).toBe(false);
  expect(reachesName(some(42), undefined)).toBe(false);
  expect(reachesName(some(), { repositoryId: null })).toBe(false);
  for (const name of [{ repositoryId: 42 }, { repositoryId: null }, undefined])
    expect(reachesName({ repositoryIds: undefined }, name)).toBe(true);
});
