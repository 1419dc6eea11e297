import { createHash, randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { caught } from '../test/api-server.ts';
import { execServer, success, type Peer } from '../test/exec-server.ts';

const mebibyte = 1024 * 1024;
const pieces = 200;
const piece = randomBytes(mebibyte);
const wholeHash = (() => {
  const hash = createHash('sha256');
  for (let count = 0; count < pieces; count += 1) hash.update(piece);
  return hash.digest('hex');
})();

/** Sends 200 MiB as fast as the other side takes them, as the API server does: 32 KiB in a message. */
function flood(onSent: (bytes: number) => void) {
  return async ({ socket, status }: Peer): Promise<void> => {
    const message = 32 * 1024;
    for (let sent = 0; sent < pieces * mebibyte; sent += message) {
      const at = sent % mebibyte;
      const bytes = Buffer.concat([Buffer.of(1), piece.subarray(at, at + message)]);
      await new Promise<void>((resolve) => socket.send(bytes, () => resolve()));
      if (socket.readyState !== socket.OPEN) return;
      onSent(sent + message);
    }
    status(success);
  };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The bytes that are really kept, without those that only wait to be collected. */
function held(): number {
  collectGarbage();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

/** Until a number no longer moves. */
async function settled(read: () => number): Promise<void> {
  let earlier = -1;
  const isStill = () => {
    const now = read();
    const still = now === earlier;
    earlier = now;
    return still;
  };
  await expect.poll(isStill, { interval: 300, timeout: 15_000 }).toBe(true);
}

test('200 MiB come through whole to a slow reader, and hardly any of them wait in memory', async () => {
  let sent = 0;
  await using api = await execServer({ onPeer: (peer) => void flood((bytes) => (sent = bytes))(peer) });
  const before = held();
  const stream = await api.exec({ pingEveryMs: 50 });
  // While nobody reads, the sender comes to a stop: what it has sent is in buffers of the sockets.
  await settled(() => sent);
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(32 * mebibyte);
  expect(held() - before).toBeLessThan(16 * mebibyte);

  const hash = createHash('sha256');
  let received = 0;
  let furthest = 0;
  for await (const bytes of stream.stdout) {
    hash.update(bytes);
    received += bytes.byteLength;
    furthest = Math.max(furthest, sent - received);
    // A turn of the event loop for each piece: whatever is not held back piles up meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(received).toBe(pieces * mebibyte);
  expect(hash.digest('hex')).toBe(wholeHash);
  expect(furthest).toBeLessThan(32 * mebibyte);
  expect(await stream.ended).toEqual({ kind: 'exited', exitCode: 0 });
}, 60_000);

test('200 MiB go in whole, in order, then the end of input; a slow program holds back who writes', async () => {
  const hash = createHash('sha256');
  let received = 0;
  let peer: Peer | undefined;
  await using api = await execServer({
    onPeer: (one) => {
      peer = one;
      one.socket.on('message', (data: Buffer) => {
        if (data[0] === 0) hash.update(data.subarray(1));
        if (data[0] === 0) received += data.byteLength - 1;
        if (data.equals(Buffer.of(255, 0))) one.status(success);
      });
    },
  });
  const stream = await api.exec();
  peer?.socket.pause();
  const before = held();
  let accepted = 0;
  const writing = (async () => {
    for (let count = 0; count < pieces; count += 1) {
      await stream.write(piece);
      accepted += piece.byteLength;
    }
    await stream.closeStdin();
  })();
  await settled(() => accepted);
  expect(accepted).toBeLessThan(32 * mebibyte);
  expect(held() - before).toBeLessThan(16 * mebibyte);
  peer?.socket.resume();
  await writing;
  expect(await stream.ended).toEqual({ kind: 'exited', exitCode: 0 });
  expect(received).toBe(pieces * mebibyte);
  expect(hash.digest('hex')).toBe(wholeHash);
}, 60_000);

/** A program that takes what it is sent, and ends with its input. */
function collector() {
  const seen: Buffer[] = [];
  const onPeer = ({ socket, status }: Peer): void => {
    socket.on('message', (data: Buffer) => {
      if (data[0] === 0) seen.push(data.subarray(1));
      else status(success);
    });
  };
  return { seen, onPeer };
}

test('writes that are not awaited leave in the order of their calls, each of them whole', async () => {
  const { seen, onPeer } = collector();
  await using api = await execServer({ onPeer });
  const stream = await api.exec();
  const sent = Array.from({ length: 30 }, (_, index) => Buffer.alloc(100_000 + index, index));
  const all = sent.map((bytes) => stream.write(bytes));
  const closing = stream.closeStdin();
  await Promise.all([...all, closing]);
  await stream.ended;
  expect(Buffer.concat(seen).equals(Buffer.concat(sent))).toBe(true);
});

test('bytes that were written may be overwritten, however long they are on their way', async () => {
  const { seen, onPeer } = collector();
  await using api = await execServer({ onPeer });
  const stream = await api.exec();
  const bytes = Buffer.alloc(200_000);
  const rounds = 100;
  for (let count = 0; count < rounds; count += 1) await stream.write(bytes.fill(count));
  await stream.closeStdin();
  await stream.ended;
  const sent = Array.from({ length: rounds }, (_, count) => Buffer.alloc(bytes.byteLength, count));
  expect(Buffer.concat(seen).equals(Buffer.concat(sent))).toBe(true);
});

test('messages of one byte that nobody takes wait outside of memory, too', async () => {
  const total = 200_000;
  const burst = 1000;
  let sent = 0;
  const trickle = async ({ socket, status }: Peer) => {
    for (; sent < total; sent += burst) {
      for (let count = 1; count < burst; count += 1) socket.send(Buffer.of(1, 120));
      await new Promise<void>((resolve) => socket.send(Buffer.of(1, 120), () => resolve()));
    }
    status(success);
  };
  await using api = await execServer({
    onPeer: (peer) => peer.socket.once('message', () => void trickle(peer)),
  });
  const before = held();
  const stream = await api.exec();
  await stream.write(Buffer.of(1));
  await expect.poll(() => sent, { timeout: 15_000 }).toBeGreaterThan(0);
  await settled(() => sent);
  // The sockets' own buffers hold many messages of four bytes; each would cost 200 bytes as an object here.
  expect(held() - before).toBeLessThan(16 * mebibyte);
  let received = 0;
  for await (const bytes of stream.stdout) received += bytes.byteLength;
  expect(received).toBe(total);
}, 60_000);

test('a peer that no longer answers is given up after two pings', async () => {
  await using api = await execServer({ autoPong: false });
  const stream = await api.exec({ pingEveryMs: 40 });
  expect(await stream.ended).toMatchObject({ kind: 'lost', problem: expect.stringContaining('pings') });
  await expect.poll(api.sockets).toBe(0);
});

test('a peer that vanished behind a socket that stays open is given up, and who reads and writes is told', async () => {
  await using api = await execServer({ onPeer: ({ raw }) => raw.pause() });
  const stream = await api.exec({ pingEveryMs: 20 });
  const writing = caught(() => stream.write(Buffer.alloc(64 * mebibyte)));
  const reading = caught(async () => {
    for await (const _bytes of stream.stdout);
  });
  expect(await reading).toMatchObject({ code: 'kube.unreachable' });
  expect(await writing).toMatchObject({ code: 'kube.unreachable' });
});

/** Counts what a stream of its own is asked: a clock in pings. */
async function pingsOf(everyMs: number, until: number): Promise<void> {
  let pings = 0;
  await using api = await execServer({ onPeer: ({ socket }) => socket.on('ping', () => (pings += 1)) });
  const stream = await api.exec({ pingEveryMs: everyMs });
  await expect.poll(() => pings, { timeout: 10_000, interval: 5 }).toBeGreaterThanOrEqual(until);
  stream.close();
}

test('a stream that is silent lives on pings, and a reader that is slow is not taken for a dead peer', async () => {
  await using api = await execServer({
    onPeer: ({ socket, say }) => {
      say(1, Buffer.alloc(8 * mebibyte, 1));
      socket.on('message', () => say(3, '{"status":"Success"}'));
    },
  });
  const [silent, slow] = [await execServer(), await api.exec({ pingEveryMs: 100 })];
  const quiet = await silent.exec({ pingEveryMs: 100 });
  await pingsOf(100, 6);
  await quiet.write(Buffer.of(1));
  await slow.write(Buffer.of(1));
  let received = 0;
  for await (const bytes of slow.stdout) received += bytes.byteLength;
  expect(received).toBe(8 * mebibyte);
  expect(await slow.ended).toEqual({ kind: 'exited', exitCode: 0 });
  await silent[Symbol.asyncDispose]();
}, 20_000);

test('what lies between sees signs of life while the reader is slow', async () => {
  let pings = 0;
  await using api = await execServer({
    onPeer: ({ socket, say }) => {
      say(1, Buffer.alloc(8 * mebibyte, 1));
      socket.on('ping', () => (pings += 1));
    },
  });
  const stream = await api.exec({ pingEveryMs: 50 });
  // Far more than fit in before the first bytes have held the stream.
  await expect.poll(() => pings, { timeout: 15_000 }).toBeGreaterThanOrEqual(20);
  stream.close();
}, 20_000);

test('a program that leaves its input alone for a while is not taken for a dead peer', async () => {
  // The API server reads no ping while the program has not taken what came before.
  let peer: Peer | undefined;
  await using api = await execServer({ onPeer: (one) => (peer = one) });
  const stream = await api.exec({ pingEveryMs: 100 });
  await stream.write(Buffer.from('for later'));
  peer?.raw.pause();
  await pingsOf(100, 5);
  peer?.raw.resume();
  peer?.status(success);
  expect(await stream.ended).toEqual({ kind: 'exited', exitCode: 0 });
});

test('a reader that leaves its loop early frees the socket by closing', async () => {
  await using api = await execServer({ onPeer: (one) => void flood(() => {})(one) });
  const stream = await api.exec();
  for await (const bytes of stream.stdout) if (bytes.byteLength > 0) break;
  stream.close();
  await expect.poll(api.sockets).toBe(0);
  expect(await stream.ended).toMatchObject({ kind: 'lost' });
});
