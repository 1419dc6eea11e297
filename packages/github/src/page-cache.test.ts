import { expect, test } from 'vitest';
import { createPageCache } from './page-cache.ts';

const page = (etag: string) => ({ etag, items: [etag], more: false });

test('a full cache gives up the page that nobody asked for the longest', () => {
  const cache = createPageCache<string>(2);
  cache.set('a', page('1'));
  cache.set('b', page('2'));
  cache.get('a');
  cache.set('c', page('3'));
  expect(cache.get('b')).toBeUndefined();
  expect(cache.get('a')?.etag).toBe('1');
  expect(cache.get('c')?.etag).toBe('3');
});

test('a page that is kept again is the newer one, and takes no second place', () => {
  const cache = createPageCache<string>(2);
  cache.set('a', page('1'));
  cache.set('b', page('2'));
  cache.set('a', page('3'));
  expect(cache.get('a')?.etag).toBe('3');
  expect(cache.get('b')?.etag).toBe('2');
});
