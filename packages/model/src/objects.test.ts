import { expect, test } from 'vitest';
import { describeRef, refText } from './objects.ts';

test.each([
  [{ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' }, 'Pod/shop/web'],
  [{ apiVersion: 'v1', kind: 'Namespace', name: 'shop' }, 'Namespace//shop'],
])('%j reads %s', (ref, text) => {
  expect(refText(ref)).toBe(text);
});

test('messages name an object by kind, name and, where it has one, namespace', () => {
  expect(describeRef({ apiVersion: 'v1', kind: 'Namespace', name: 'pr-1' })).toBe('Namespace pr-1');
  expect(describeRef({ apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'shop' })).toBe('Pod web in shop');
});
