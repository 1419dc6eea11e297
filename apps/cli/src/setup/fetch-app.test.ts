import { defineError } from '@ephemera/model';
import { expect, test } from 'vitest';
import { fetchApp } from './fetch-app.ts';

const app = { name: 'ephemera-1', page: 'https://github.example/settings/apps' };
const Passing = defineError<object>({ code: 'test.passing', retryable: true, message: () => 'GitHub answered 503.' });
const Lasting = defineError<object>({ code: 'test.lasting', retryable: false, message: () => 'GitHub knows nothing.' });

function failing(errors: readonly Error[]) {
  const left = [...errors];
  const told: string[] = [];
  const abort = new AbortController();
  return {
    told,
    abort,
    left,
    fetchOnce: async () => {
      const error = left.shift();
      if (error) throw error;
      return 'credentials';
    },
    options: { signal: abort.signal, tell: (line: string) => told.push(line), pauses: [1, 1] },
  };
}

test('what may pass is tried again, and said', async () => {
  const { fetchOnce, options, told } = failing([new Passing({}), new Passing({})]);
  expect(await fetchApp(fetchOnce, app, options)).toBe('credentials');
  expect(told).toEqual(['GitHub answered 503. It is tried again.', 'GitHub answered 503. It is tried again.']);
});

test.each([
  ['what does not pass', [new Lasting({})], 'GitHub knows nothing'],
  ['what has not passed in the end', [new Passing({}), new Passing({}), new Passing({})], 'GitHub answered 503'],
])('%s ends with the App that is left on GitHub and where it is deleted', async (_, errors, problem) => {
  const { fetchOnce, options, left } = failing(errors);
  await expect(fetchApp(fetchOnce, app, options)).rejects.toMatchObject({
    code: 'setup.app_not_fetched',
    message: expect.stringMatching(new RegExp(`ephemera-1.*${problem}`)) as unknown,
    hint: expect.stringContaining('Delete the App at https://github.example/settings/apps') as unknown,
  });
  expect(left).toEqual([]);
});

test('an interruption ends the waiting for the next try, and says what is left on GitHub', async () => {
  const { fetchOnce, options, told, abort } = failing([new Passing({})]);
  const reason = new Error('interrupted');
  const tell = (line: string) => {
    told.push(line);
    abort.abort(reason);
  };
  await expect(fetchApp(fetchOnce, app, { ...options, tell, pauses: [3_600_000] })).rejects.toBe(reason);
  expect(told.at(-1)).toContain('Delete the App at https://github.example/settings/apps');
});
