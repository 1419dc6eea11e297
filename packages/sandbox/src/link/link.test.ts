import { expect, test, vi } from 'vitest';
import { HandleClosed, ProtocolMismatch, SandboxLost } from '../errors.ts';
import type { Answer } from '../wire/answer.ts';
import { RunnerError, StreamBroken } from './runner-error.ts';
import { attach, done, kill, linkTo, obliging } from './testing/links.ts';
import { ScriptedPlace } from './testing/scripted-place.ts';

function out(offset: number, data: string): Answer {
  return { kind: 'out', stream: 'stdout', offset, data: Buffer.from(data) };
}

test('no stream is opened before something is asked, and then one for all', async () => {
  const place = obliging();
  const link = linkTo(place);
  expect(place.streams).toHaveLength(0);
  await Promise.all([link.ask(kill), link.ask(kill), link.ask(kill)]);
  expect(await link.ask(kill)).toEqual([{ kind: 'done', count: 1 }]);
  expect(place.streams).toHaveLength(1);
});

test('the environment goes first on every stream, and not at all where this process knows none', async () => {
  const place = obliging();
  await linkTo(place, { env: { A: '1', B: 'x=y' } }).ask(kill);
  const kinds = place.last.asked.map(({ request }) => request.kind);
  expect(kinds).toEqual(['hello', 'env', 'kill']);
  expect(place.last.asked[1]?.request).toEqual({ kind: 'env', env: ['A=1', 'B=x=y'] });
  await linkTo(place).ask(kill);
  expect(place.last.asked.map(({ request }) => request.kind)).toEqual(['hello', 'kill']);
});

test('what is sent in one turn leaves in one write, in the order of the calls', async () => {
  const place = obliging();
  const link = linkTo(place);
  await link.ask(kill);
  const before = place.last.writes.length;
  await Promise.all(Array.from({ length: 64 }, (_, index) => link.ask({ kind: 'kill', id: `${index}`, graceMs: 0 })));
  expect(place.last.writes.slice(before)).toEqual([64]);
  const ids = place.last.asked.slice(-64).map(({ request }) => request.kind === 'kill' && request.id);
  expect(ids).toEqual(Array.from({ length: 64 }, (_, index) => `${index}`));
});

test('an ERROR is thrown with its code and number, and ends its channel only', async () => {
  const place = new ScriptedPlace((stream, { channel, request }) => {
    if (request.kind === 'stat') stream.refuse(channel, 'no_such_file', 2);
    else stream.answer(channel, ...done);
  });
  const link = linkTo(place);
  const error = await link.ask({ kind: 'stat', path: Buffer.from('x') }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RunnerError);
  expect(error).toMatchObject({ problem: 'no_such_file', errno: 2 });
  await link.ask(kill);
  expect(place.streams).toHaveLength(1);
});

test('a repeatable request is sent again on a new stream after a break', async () => {
  const place = new ScriptedPlace((stream, { channel }) => {
    if (place.streams.length < 4) stream.cut();
    else stream.answer(channel, ...done);
  });
  expect(await linkTo(place).ask(kill, { repeat: true })).toEqual([{ kind: 'done', count: 1 }]);
  expect(place.streams).toHaveLength(4);
});

test('one that is not repeatable says that nothing is known', async () => {
  const place = new ScriptedPlace((stream) => stream.cut());
  await expect(linkTo(place).ask(kill)).rejects.toBeInstanceOf(SandboxLost);
  expect(place.streams).toHaveLength(1);
});

test('a stream that ends in good order before the answer is a break as well', async () => {
  const place = new ScriptedPlace((stream) => stream.end());
  await expect(linkTo(place).ask(kill)).rejects.toBeInstanceOf(SandboxLost);
});

test('a channel gets what came before the break, and then StreamBroken', async () => {
  const place = new ScriptedPlace((stream, { channel }) => stream.answer(channel, out(0, 'a'), out(1, 'b')));
  const channel = await linkTo(place).open(attach);
  const seen: Answer[] = [];
  const reading = (async () => {
    for await (const answer of channel.answers) {
      seen.push(answer);
      if (seen.length === 2) place.last.cut();
    }
  })();
  await expect(reading).rejects.toBeInstanceOf(StreamBroken);
  expect(seen).toHaveLength(2);
  await expect(channel.send({ kind: 'credit', bytes: 1 })).rejects.toBeInstanceOf(StreamBroken);
});

test('errors that nobody reads disturb nobody', async () => {
  const unhandled = vi.fn<(error: unknown) => void>();
  process.on('unhandledRejection', unhandled);
  const place = new ScriptedPlace();
  const link = linkTo(place);
  const channel = await link.open(attach);
  place.last.cut();
  void channel.send({ kind: 'credit', bytes: 1 });
  channel.credit(1);
  channel.cancel();
  place.script = (stream, { channel: number }) => stream.answer(number, ...done);
  await link.ask(kill, { repeat: true });
  await new Promise(setImmediate);
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test('leaving the loop tells the runner, and later answers on that channel are ignored', async () => {
  const place = new ScriptedPlace((stream, { channel, request }) => {
    if (request.kind === 'attach') stream.answer(channel, out(0, 'a'), out(1, 'b'));
    if (request.kind === 'cancel') stream.answer(channel, out(2, 'c'), { kind: 'end' });
    if (request.kind === 'kill') stream.answer(channel, ...done);
  });
  const link = linkTo(place);
  const channel = await link.open(attach);
  for await (const answer of channel.answers) {
    expect(answer).toEqual({ ...out(0, 'a'), data: expect.anything() });
    break;
  }
  await link.ask(kill);
  expect(place.last.asked.map(({ request }) => request.kind)).toEqual(['hello', 'attach', 'cancel', 'kill']);
});

test('the signal ends an open channel with its reason, and tells the runner', async () => {
  const place = new ScriptedPlace();
  const controller = new AbortController();
  const channel = await linkTo(place).open(attach, { signal: controller.signal });
  const next = channel.answers[Symbol.asyncIterator]().next();
  controller.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  await vi.waitFor(() => expect(place.last.asked.at(-1)?.request.kind).toBe('cancel'));
});

test('a signal that has aborted already contacts nobody', async () => {
  const place = obliging();
  await expect(linkTo(place).ask(kill, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  expect(place.streams).toHaveLength(0);
});

test('bytes that are no frames end everything with a typed error', async () => {
  const place = new ScriptedPlace((stream) => stream.raw(Buffer.from('rpc error: no such container\n')));
  const link = linkTo(place);
  await expect(link.ask(kill, { repeat: true })).rejects.toBeInstanceOf(ProtocolMismatch);
  await expect(link.ask(kill)).rejects.toBeInstanceOf(ProtocolMismatch);
});

test('a silent stream is asked whether it lives, and given up when it does not answer', async () => {
  const place = new ScriptedPlace();
  const link = linkTo(place, { pingEveryMs: 30 });
  const first = await link.open(attach);
  await expect(first.answers[Symbol.asyncIterator]().next()).rejects.toThrow('no answer for');
  expect(place.last.asked.some(({ request }) => request.kind === 'ping')).toBe(true);
  place.script = (stream, { channel, request }) => {
    if (request.kind === 'ping') stream.answer(channel, { kind: 'pong', token: request.token }, { kind: 'end' });
  };
  await link.open(attach);
  const alive = place.last;
  await vi.waitFor(() =>
    expect(alive.asked.filter(({ request }) => request.kind === 'ping').length).toBeGreaterThan(5),
  );
  expect(alive.closed).toBe(false);
});

test('an idle stream is closed, and opened again when it is needed', async () => {
  const place = obliging();
  const link = linkTo(place, { idleCloseMs: 20 });
  await link.ask(kill);
  await vi.waitFor(() => expect(place.last.closed).toBe(true));
  await link.ask(kill);
  expect(place.streams).toHaveLength(2);
  expect(place.verdicts).toBe(0);
});

test('an open channel keeps the stream open, however silent', async () => {
  const place = new ScriptedPlace((stream, { channel, request }) => {
    if (request.kind === 'ping') stream.answer(channel, { kind: 'pong', token: request.token }, { kind: 'end' });
  });
  const link = linkTo(place, { idleCloseMs: 10, pingEveryMs: 10 });
  await link.open(attach);
  await vi.waitFor(() => expect(place.last.asked.length).toBeGreaterThan(10));
  expect(place.last.closed).toBe(false);
});

test('dispose ends what waits, closes the stream, and refuses what comes later', async () => {
  const place = new ScriptedPlace();
  const link = linkTo(place);
  const asking = link.ask(kill, { repeat: true });
  await vi.waitFor(() => expect(place.streams[0]?.asked).toHaveLength(2));
  link.dispose();
  link.dispose();
  await expect(asking).rejects.toBeInstanceOf(HandleClosed);
  expect(place.last.closed).toBe(true);
  await expect(link.open(attach)).rejects.toBeInstanceOf(HandleClosed);
});
