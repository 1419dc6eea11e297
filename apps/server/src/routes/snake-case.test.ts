import { expect, test } from 'vitest';
import { snakeCase } from './snake-case.ts';

test('names of columns are in snake case, values are left alone', () => {
  expect(snakeCase({ id: 1, repositoryFullName: 'acme/shopFront', prNumber: 2, destroyedAt: null })).toEqual({
    id: 1,
    repository_full_name: 'acme/shopFront',
    pr_number: 2,
    destroyed_at: null,
  });
});
