import fc from 'fast-check';
import { expect, test } from 'vitest';
import { environmentUrl, hostLabel, namespaceName, type PullRequestIdentity } from './names.ts';

const dns1123 = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Few values of each, so that runs meet pairs that differ in one thing only. */
const similar: fc.Arbitrary<PullRequestIdentity> = fc.record({
  instance: fc.constantFrom('a1', 'a11', 'b1'),
  repositoryId: fc.constantFrom(1, 11, 111),
  repositoryFullName: fc.constantFrom('acme/shop', 'acme-shop/x', 'other/shop'),
  prNumber: fc.constantFrom(1, 11, 111),
});
const hostile: fc.Arbitrary<PullRequestIdentity> = fc.record({
  instance: fc.string(),
  repositoryId: fc.nat(),
  repositoryFullName: fc.string({ unit: 'binary', maxLength: 200 }),
  prNumber: fc.integer({ min: 1, max: 2_147_483_647 }),
});
const generation = fc.integer({ min: 1, max: 99 });

/** What makes a pull request another one. Owner and name may change; the repository's id does not. */
const identityOf = ({ instance, repositoryId, prNumber }: PullRequestIdentity) =>
  JSON.stringify([instance, repositoryId, prNumber]);

test('no two environments share a namespace: instance, repository, number and generation all count', () => {
  fc.assert(
    fc.property(similar, generation, similar, generation, (one, first, other, second) => {
      fc.pre(identityOf(one) !== identityOf(other) || first !== second);
      expect(namespaceName(one, first)).not.toBe(namespaceName(other, second));
    }),
    { numRuns: 1_000 },
  );
});

test('no two pull requests share a host', () => {
  fc.assert(
    fc.property(similar, similar, (one, other) => {
      fc.pre(identityOf(one) !== identityOf(other));
      expect(hostLabel(one)).not.toBe(hostLabel(other));
    }),
    { numRuns: 1_000 },
  );
});

test('every namespace is a DNS-1123 label of at most 63 characters, whatever the repository is called', () => {
  fc.assert(
    fc.property(hostile, generation, (pull, number) => {
      expect(namespaceName(pull, number)).toMatch(dns1123);
    }),
  );
});

test('a host is one label deep: pr-N-<10 hex>', () => {
  fc.assert(
    fc.property(hostile, (pull) => {
      expect(hostLabel(pull)).toMatch(/^pr-\d+-[0-9a-f]{10}$/);
      expect(hostLabel(pull)).toMatch(dns1123);
    }),
  );
});

const pull = { instance: 'a1', repositoryId: 42, repositoryFullName: 'acme/shop', prNumber: 12 };

test('a reopened pull request keeps its host and gets another namespace', () => {
  const names = [1, 2, 3].map((number) => namespaceName(pull, number));
  expect(new Set(names).size).toBe(3);
  expect(names[0]).toMatch(/^pr-12-shop-[0-9a-f]{10}$/);
});

test('the host survives a rename of the repository or its owner', () => {
  expect(hostLabel({ ...pull, repositoryFullName: 'umbrella/store' })).toBe(hostLabel(pull));
});

test.each([
  ['http', 80, 'http://shop.example'],
  ['https', 443, 'https://shop.example'],
  ['http', 443, 'http://shop.example:443'],
  ['https', 80, 'https://shop.example:80'],
  ['http', 3001, 'http://shop.example:3001'],
] as const)('the URL for %s on port %i is %s', (scheme, port, url) => {
  expect(environmentUrl('shop.example', { scheme, port })).toBe(url);
});
