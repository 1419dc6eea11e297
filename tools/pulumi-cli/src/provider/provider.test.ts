import { expect, test } from 'vitest';
import { secret, withoutMarks } from './provider.ts';

test('marks of secrets are taken off at any depth, and everything else stays as it is', () => {
  const marked = {
    plain: [1, null, 'text'],
    list: [{ key: secret('hidden') }],
    nested: secret({ inner: secret(true) }),
  };
  expect(withoutMarks(marked)).toEqual({
    plain: [1, null, 'text'],
    list: [{ key: 'hidden' }],
    nested: { inner: true },
  });
});
