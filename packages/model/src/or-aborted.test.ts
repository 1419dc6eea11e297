import { expect, test } from 'vitest';
import { orAborted } from './or-aborted.ts';

const reason = new Error('no longer needed');
const never = new Promise<never>(() => {});

test('work that ends first gives its result or its error, with and without a signal', async () => {
  const { signal } = new AbortController();
  for (const given of [signal, undefined]) {
    expect(await orAborted(Promise.resolve(7), given)).toBe(7);
    await expect(orAborted(Promise.reject(reason), given)).rejects.toBe(reason);
  }
});

test('an abort ends the wait at once, also one that came before it', async () => {
  const abort = new AbortController();
  const waiting = orAborted(never, abort.signal);
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(orAborted(never, abort.signal)).rejects.toBe(reason);
  await expect(orAborted(Promise.resolve(7), abort.signal)).rejects.toBe(reason);
});
