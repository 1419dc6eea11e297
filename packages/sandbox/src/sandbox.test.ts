import { expect, test } from 'vitest';
import { NameTaken } from './errors.ts';
import type { SandboxHost } from './host.ts';
import { Sandbox } from './sandbox.ts';
import { fakeHost } from './testing/fake-host.ts';

/** Removal waits until it is let go, or its signal aborts. */
function slowHost() {
  const fake = fakeHost();
  const gate = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  const host: SandboxHost = {
    ...fake,
    create: async (options) => {
      const place = await fake.create(options);
      return {
        ...place,
        remove: async ({ signal } = {}) => {
          if (signal) signals.push(signal);
          const aborted = new Promise<never>((_, reject) =>
            signal?.addEventListener('abort', () => reject(signal.reason as Error)),
          );
          await Promise.race([gate.promise, aborted]);
          await place.remove();
        },
      };
    },
  };
  return { host, gate, signals };
}

test('who gives up to wait for a removal does not end it for the others', async () => {
  const { host, gate, signals } = slowHost();
  const sandbox = await Sandbox.create({ on: host });
  const impatient = new AbortController();
  const first = sandbox.kill({ signal: impatient.signal });
  const second = sandbox.kill();
  impatient.abort(new Error('too long'));
  await expect(first).rejects.toThrow('too long');
  gate.resolve();
  await second;
  expect(await host.list()).toEqual([]);
  expect(signals).toHaveLength(1);
});

test('a removal that nobody waits for ends, and the next kill begins anew', async () => {
  const { host, gate, signals } = slowHost();
  const sandbox = await Sandbox.create({ on: host });
  const impatient = new AbortController();
  const given = sandbox.kill({ signal: impatient.signal });
  impatient.abort(new Error('too long'));
  await expect(given).rejects.toThrow('too long');
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(await host.list()).toHaveLength(1);
  gate.resolve();
  await sandbox.kill();
  expect(await host.list()).toEqual([]);
});

test('a name that is neither found nor free is asked for again with pauses, until the signal aborts', async () => {
  let looks = 0;
  const scope = new AbortController();
  const on: SandboxHost = {
    ...fakeHost(),
    findByName: async () => {
      looks += 1;
      if (looks === 3) scope.abort(new Error('enough'));
      return undefined;
    },
    create: async () => {
      throw new NameTaken({ name: 'build', id: 'sandbox-0123456789' });
    },
  };
  const began = performance.now();
  await expect(Sandbox.getOrCreate('build', { on, signal: scope.signal })).rejects.toThrow('enough');
  expect(looks).toBe(3);
  // Two whole pauses: timers may come a millisecond early.
  expect(performance.now() - began).toBeGreaterThan(350);
});

test.each<[string, unknown]>([
  ['an empty name', { '': 'x' }],
  ['= in a name', { 'A=B': 'x' }],
  ['no value', { A: undefined }],
  ['NUL in a value', { A: 'a\0b' }],
  ['more than the sandbox can be sent', { A: 'x'.repeat(5_000_000) }],
])('an environment with %s is refused wherever a sandbox takes one', async (_, given) => {
  const on = fakeHost();
  const env = given as Record<string, string>;
  await using sandbox = await Sandbox.create({ on, name: 'build' });
  const refused = { code: 'sandbox.invalid' };
  await expect(Sandbox.create({ on, env })).rejects.toMatchObject(refused);
  await expect(Sandbox.connect(sandbox.id, { on, env })).rejects.toMatchObject(refused);
  await expect(Sandbox.getOrCreate('build', { on, env })).rejects.toMatchObject(refused);
  expect(await on.list()).toHaveLength(1);
});
