import { expect, test } from 'vitest';
import { assertOwnUsers } from './own-users.ts';

const told = (value: number) => [
  { name: 'memory_limit_bytes', value: 1 },
  { name: 'uid_map_length', value },
];

test.each([1, 65_536, 4_294_967_294])('a map of %d users is a user namespace', (length) => {
  expect(() => assertOwnUsers(told(length))).not.toThrow();
});

test.each([
  ['maps all users there are', told(4_294_967_295)],
  ['does not tell how many users it maps', []],
])('a runner that %s is not isolated as it was asked for', (_, figures) => {
  expect(() => assertOwnUsers(figures)).toThrow(expect.objectContaining({ code: 'sandbox.isolation_missing' }));
});
