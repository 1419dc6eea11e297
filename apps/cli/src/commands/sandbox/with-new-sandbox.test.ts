import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Sandbox } from '@ephemera/sandbox';
import { fakeHost } from '@ephemera/sandbox/testing';
import { expect, test, vi } from 'vitest';
import type { Context } from '../../context.ts';
import { withNewSandbox } from './with-new-sandbox.ts';

function world() {
  const stderr = new PassThrough();
  const exit = vi.fn();
  const process = Object.assign(new EventEmitter(), { stderr, exit });
  const host = fakeHost();
  const scope = new AbortController();
  return {
    host,
    scope,
    process,
    exit,
    said: () => String(stderr.read() ?? ''),
    make: <Result>(use: (sandbox: Sandbox) => Promise<Result>) =>
      withNewSandbox(
        { process, environment: {} } as unknown as Context,
        { here: { host, signal: scope.signal }, flags: { namespace: 'a' }, order: { image: 'busybox:1' } },
        use,
      ),
  };
}

test('the sandbox is there while it is used, and removed afterwards', async () => {
  const { host, make, said } = world();
  expect(await make(async ({ id }) => (await host.list()).map((one) => one.id === id))).toEqual([true]);
  expect(await host.list()).toEqual([]);
  expect(said()).toBe('');
});

test('it is removed also where its use fails', async () => {
  const { host, make } = world();
  await expect(make(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await host.list()).toEqual([]);
});

test('that it cannot be removed changes no result, and is told with what to do', async () => {
  const { host, make, said } = world();
  let id = '';
  const result = await make(async (sandbox) => {
    ({ id } = sandbox);
    host.faults(id).apiDown();
    return 7;
  });
  expect(result).toBe(7);
  expect(said()).toMatch(
    /^warning: sandbox \S+ could not be removed: .* Try: npx ephemera sandbox kill --namespace a /,
  );
  host.faults(id).apiUp();
  expect(await host.list()).toHaveLength(1);
});

test('the second Ctrl-C leaves at once, and says what may be left; the first one does not', async () => {
  const { make, process, scope, exit, said } = world();
  const listener = (): void => scope.abort(new Error('Ctrl-C'));
  process.on('SIGINT', listener);
  let id = '';
  await make(async (sandbox) => {
    ({ id } = sandbox);
    process.emit('SIGINT');
    expect(exit).not.toHaveBeenCalled();
    process.emit('SIGINT');
  });
  expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  expect(said()).toContain(`Left at once: sandbox ${id} may still be there`);
  expect(process.listeners('SIGINT')).toEqual([listener]);
});
