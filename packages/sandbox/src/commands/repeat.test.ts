import { expect, test, vi } from 'vitest';
import { createLink } from '../link/link.ts';
import { ScriptedPlace } from '../link/testing/scripted-place.ts';
import { Sandbox } from '../sandbox.ts';
import { fakeHost, type FakeProgram } from '../testing/index.ts';
import { createCommands } from './create-commands.ts';

test('of writes by offset that overlap, and that were given up on their way, each byte is taken once', async () => {
  const reads = Promise.withResolvers<void>();
  const late: FakeProgram = async ({ stdin, stdout }) => {
    await reads.promise;
    for await (const piece of stdin) await stdout.write(piece);
  };
  await using sandbox = await Sandbox.create({ on: fakeHost({ programs: { late } }) });
  const content = Buffer.from(Array.from({ length: 120_000 }, (_, index) => `${index} `).join(''));
  const handle = await sandbox.commands.start(['late'], { id: 'one', stdin: true });
  const given = new AbortController();
  const first = handle.write(content, { offset: 0, signal: given.signal });
  const elsewhere = [await sandbox.commands.connect('one'), await sandbox.commands.connect('one')];
  const others = elsewhere.map((one) => one.write(content, { offset: 0 }));
  given.abort(new Error('given up'));
  await expect(first).rejects.toThrow('given up');
  reads.resolve();
  await Promise.all(others);
  await handle.closeStdin();
  const { output } = await handle.wait();
  expect(Buffer.from(output.stdout.bytes).equals(content)).toBe(true);
});

test.each([
  ['of the client’s own is ended', undefined, ['start', 'kill']],
  ['that the caller has named is left alone', { id: 'one' }, ['start']],
])('a command %s when its start is given up on its way', async (_what, options, kinds) => {
  const seen: string[] = [];
  const place = new ScriptedPlace((stream, { channel, request }) => {
    seen.push(request.kind);
    if (request.kind === 'kill') stream.answer(channel, { kind: 'done', count: 1 }, { kind: 'end' });
  });
  const link = createLink(place);
  const given = new AbortController();
  const start = createCommands(link).start(['true'], { ...options, signal: given.signal });
  const outcome = start.catch((error: unknown) => error);
  await vi.waitFor(() => expect(seen).toContain('start'));
  given.abort(new Error('given up'));
  expect(await outcome).toMatchObject({ message: 'given up' });
  link.dispose();
  expect(seen.filter((kind) => kind === 'start' || kind === 'kill')).toEqual(kinds);
});
