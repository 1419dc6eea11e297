import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { bodyReader } from './body.ts';

const limits = { bytes: 1_000, atOnceBytes: 2_500, deadlineMs: 60_000, largeBytes: 800, largeAtOnce: 3 };
const bytes = (count: number) => Buffer.alloc(count, 'x');

/** A sender, and what became of its body. */
function sender(read: ReturnType<typeof bodyReader>, announcedBytes = 0) {
  const stream = new PassThrough();
  const body = read(stream, announcedBytes);
  body.catch(() => {});
  return { stream, body };
}

test('the bytes arrive as they were sent, however they were cut', async () => {
  const { stream, body } = sender(bodyReader(limits));
  for (const part of [Buffer.from([0xff, 0x00]), Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)])
    stream.write(part);
  stream.end();
  expect((await body).bytes).toEqual(Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('ü')]));
});

test('a body above its limit is refused while it still comes', async () => {
  const { stream, body } = sender(bodyReader(limits));
  stream.write(bytes(1_001));
  await expect(body).rejects.toMatchObject({ code: 'request.too_large' });
});

test('a body that is not complete in time is refused, and so is one whose sender hangs up', async () => {
  const read = bodyReader({ ...limits, deadlineMs: 20 });
  const slow = sender(read);
  slow.stream.write(bytes(1));
  await expect(slow.body).rejects.toMatchObject({ code: 'request.too_slow', retryable: true });
  const gone = sender(bodyReader(limits));
  gone.stream.write(bytes(1));
  gone.stream.destroy();
  await expect(gone.body).rejects.toMatchObject({ code: 'request.too_slow' });
});

test('where all bodies together become too much, the largest unfinished one has to go, not the newest', async () => {
  const read = bodyReader(limits);
  const [large, larger, small] = [sender(read), sender(read), sender(read)];
  large.stream.write(bytes(900));
  larger.stream.write(bytes(950));
  small.stream.write(bytes(600));
  const last = sender(read);
  last.stream.end(bytes(100));
  await expect(larger.body).rejects.toMatchObject({ code: 'request.busy', retryable: true });
  expect((await last.body).bytes).toHaveLength(100);
  large.stream.end();
  expect((await large.body).bytes).toHaveLength(900);
});

test('a complete body counts until it is done with, and is never taken away', async () => {
  const read = bodyReader({ ...limits, atOnceBytes: 1_500 });
  const first = sender(read);
  first.stream.end(bytes(1_000));
  const held = await first.body;
  const second = sender(read);
  second.stream.write(bytes(600));
  await expect(second.body).rejects.toMatchObject({ code: 'request.busy' });

  held[Symbol.dispose]();
  const third = sender(read);
  third.stream.end(bytes(600));
  expect((await third.body).bytes).toHaveLength(600);
});

test('nothing that was refused goes on counting', async () => {
  const read = bodyReader(limits);
  for (let times = 0; times < 10; times += 1) {
    const { stream, body } = sender(read);
    stream.write(bytes(1_001));
    await expect(body).rejects.toMatchObject({ code: 'request.too_large' });
  }
  const { stream, body } = sender(read);
  stream.end(bytes(1_000));
  await vi.waitFor(async () => expect((await body).bytes).toHaveLength(1_000));
});

test('of large bodies only so many are read at once, whether they were announced or grew; small ones are not counted', async () => {
  const read = bodyReader({ ...limits, atOnceBytes: 10_000, largeAtOnce: 2 });
  const [announced, grown] = [sender(read, 900), sender(read)];
  grown.stream.write(bytes(900));
  const small = sender(read, 100);
  await expect(sender(read, 900).body).rejects.toMatchObject({ code: 'request.busy' });
  const growing = sender(read);
  growing.stream.write(bytes(900));
  await expect(growing.body).rejects.toMatchObject({ code: 'request.busy' });
  for (const { stream } of [announced, small]) stream.end(bytes(100));
  grown.stream.end();
  for (const { body } of [announced, grown, small]) (await body)[Symbol.dispose]();
  const next = sender(read, 900);
  next.stream.end(bytes(900));
  expect((await next.body).bytes).toHaveLength(900);
});
