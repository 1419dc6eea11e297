import { expect, test, vi } from 'vitest';
import {
  HandleClosed,
  ProtocolMismatch,
  SandboxGone,
  SandboxLost,
  SandboxNotYours,
  SandboxRestarted,
} from '../errors.ts';
import { StreamBroken } from './runner-error.ts';
import { attach, kill, linkTo, obliging } from './testing/links.ts';
import { ScriptedPlace } from './testing/scripted-place.ts';

test('attempts go on while somebody waits, and stop when the last one gives up', async () => {
  const place = obliging();
  place.refusal = { error: new Error('connection refused'), times: Infinity };
  const [one, two] = [new AbortController(), new AbortController()];
  const link = linkTo(place);
  const first = link.ask(kill, { signal: one.signal });
  const second = link.ask(kill, { signal: two.signal });
  await vi.waitFor(() => expect(place.verdicts).toBeGreaterThan(3));
  one.abort(new Error('one'));
  await expect(first).rejects.toThrow('one');
  const soFar = place.verdicts;
  await vi.waitFor(() => expect(place.verdicts).toBeGreaterThan(soFar + 2));
  two.abort(new Error('two'));
  await expect(second).rejects.toThrow('two');
  place.refusal = undefined;
  await link.ask(kill);
  expect(place.streams).toHaveLength(1);
});

test('a verdict of the host ends everything at once, also what is asked later', async () => {
  const place = new ScriptedPlace();
  const link = linkTo(place);
  const channel = await link.open(attach);
  const waiting = link.ask(kill, { repeat: true });
  await vi.waitFor(() => expect(place.last.asked).toHaveLength(3));
  place.verdictIs = new SandboxGone({ id: place.id, reason: 'deleted' });
  place.refusal = { error: new Error('404'), times: Infinity };
  place.last.cut();
  await expect(waiting).rejects.toBeInstanceOf(SandboxGone);
  await expect(channel.answers[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(StreamBroken);
  await expect(link.open(attach)).rejects.toBeInstanceOf(SandboxGone);
});

test('after a break the host is asked while the next stream opens: a node that answers nobody holds nothing up', async () => {
  const place = new ScriptedPlace();
  const link = linkTo(place);
  const waiting = link.ask(kill, { repeat: true });
  await vi.waitFor(() => expect(place.streams[0]?.asked).toHaveLength(2));
  place.open = () => new Promise(() => undefined);
  place.verdictIs = new SandboxGone({ id: place.id, reason: 'node lost' });
  place.last.cut();
  await expect(waiting).rejects.toBeInstanceOf(SandboxGone);
});

test('a host that cannot be asked ends nothing', async () => {
  const place = obliging();
  place.refusal = { error: new Error('down'), times: 3 };
  place.verdict = async () => {
    place.verdicts += 1;
    throw new Error('down as well');
  };
  await linkTo(place).ask(kill);
  expect(place.verdicts).toBeGreaterThanOrEqual(3);
  expect(place.streams).toHaveLength(1);
});

test('without contact for too long it is lost; the next call tries again', async () => {
  const place = obliging();
  place.refusal = { error: new Error('connection refused'), times: Infinity };
  const link = linkTo(place, { lostAfterMs: 30 });
  const error = await link.ask(kill).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SandboxLost);
  expect(String(error)).toContain('connection refused');
  place.refusal = undefined;
  await link.ask(kill);
});

test('an error that trying again does not change is thrown at once', async () => {
  const place = obliging();
  place.refusal = { error: new SandboxNotYours({ id: place.id, owner: 'somebody' }), times: Infinity };
  await expect(linkTo(place).ask(kill)).rejects.toBeInstanceOf(SandboxNotYours);
  expect(place.verdicts).toBe(1);
});

test('a stream that nobody greets on is given up in time', async () => {
  const place = new ScriptedPlace();
  place.play = () => undefined;
  const error = await linkTo(place, { connectTimeoutMs: 20, lostAfterMs: 50 })
    .ask(kill)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SandboxLost);
  expect(String(error)).toContain('no stream within 20 ms');
  expect(place.streams.every(({ closed }) => closed)).toBe(true);
});

test('a stream that comes after its attempt was given up is closed', async () => {
  const place = obliging();
  const { promise, resolve } = Promise.withResolvers<void>();
  const open = place.open.bind(place);
  place.open = async () => {
    await promise;
    return open();
  };
  const controller = new AbortController();
  const asking = linkTo(place).ask(kill, { signal: controller.signal });
  controller.abort(new Error('too late'));
  await expect(asking).rejects.toThrow('too late');
  resolve();
  await vi.waitFor(() => expect(place.streams[0]?.closed).toBe(true));
});

test('another boot id means that it was started anew: nothing is sent to it', async () => {
  const place = obliging();
  const link = linkTo(place);
  await link.ask(kill);
  place.bootId = 2;
  place.last.cut();
  await expect(link.ask(kill, { repeat: true })).rejects.toBeInstanceOf(SandboxRestarted);
  await expect(link.ask(kill)).rejects.toBeInstanceOf(SandboxRestarted);
  expect(place.last.asked.map(({ request }) => request.kind)).toEqual(['hello']);
});

test('a runner of another version is an error and not a guess', async () => {
  const place = obliging();
  place.version = 2;
  await expect(linkTo(place).ask(kill)).rejects.toBeInstanceOf(ProtocolMismatch);
});

test('dispose ends attempts to connect', async () => {
  const place = obliging();
  place.refusal = { error: new Error('refused'), times: Infinity };
  const link = linkTo(place);
  const asking = link.ask(kill);
  await vi.waitFor(() => expect(place.verdicts).toBeGreaterThan(1));
  link.dispose();
  await expect(asking).rejects.toBeInstanceOf(HandleClosed);
});
