import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { scriptedRunner } from '../../test/scripted/scripted-runner.ts';
import { EchoPort } from '../../test/scripted/served-port.ts';
import { connectPort, type PortStream } from './connect-port.ts';

async function all(stream: PortStream): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream.readable) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('a connection carries bytes both ways within the credit of each side, and each way ends for itself', async () => {
  const echo = new EchoPort(8080);
  using runner = scriptedRunner((request, turn) => echo.take(request, turn));
  const stream = await connectPort(runner.link, 8080);
  const content = randomBytes(5_000_000);
  const sent = (async () => {
    await stream.write(content);
    await stream.end();
  })();
  const back = await all(stream);
  await sent;
  expect(back.equals(content)).toBe(true);
  expect(echo.unallowed).toBe(0);
});

test('who writes waits while the program does not read', async () => {
  const echo = new EchoPort(8080);
  echo.reading = false;
  using runner = scriptedRunner((request, turn) => echo.take(request, turn));
  const stream = await connectPort(runner.link, 8080);
  let written = false;
  const writing = stream.write(randomBytes(200_000)).then(() => (written = true));
  await expect.poll(() => echo.received).toBe(32 * 1024);
  expect(written).toBe(false);
  echo.resume();
  await writing;
  await stream.end();
  expect(await all(stream)).toHaveLength(200_000);
});

test('what nobody reads is bounded, as the program is not allowed to send more', async () => {
  let allowed = 0;
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'connect') {
      allowed = request.window;
      turn.answer({ kind: 'connected' }, { kind: 'credit', bytes: 10 });
    }
    if (request.kind === 'credit') allowed += request.bytes;
    while (allowed >= 65_536) {
      allowed -= 65_536;
      turn.answer({ kind: 'portData', data: new Uint8Array(65_536) });
    }
  });
  const stream = await connectPort(runner.link, 1);
  await stream.write(Buffer.from('x'));
  await expect.poll(() => runner.seen.some(({ kind }) => kind === 'portData')).toBe(true);
  expect(runner.seen.filter(({ kind }) => kind === 'credit')).toEqual([]);
  let taken = 0;
  for await (const piece of stream.readable) {
    taken += piece.length;
    if (taken > 3_000_000) break;
  }
  expect(runner.seen.some(({ kind }) => kind === 'credit')).toBe(true);
});

test('a port at which nobody listens is refused by its number', async () => {
  const echo = new EchoPort(8080);
  using runner = scriptedRunner((request, turn) => echo.take(request, turn));
  await expect(connectPort(runner.link, 8081)).rejects.toMatchObject({
    code: 'sandbox.port_refused',
    message: 'Nothing answers at port 8081 in the sandbox: connection refused.',
  });
});

test.each([0, -1, 65_536, 1.5, Number.NaN])('%s is no port', async (port) => {
  using runner = scriptedRunner(() => {});
  await expect(connectPort(runner.link, port)).rejects.toMatchObject({ code: 'sandbox.invalid' });
  expect(runner.seen).toEqual([]);
});

test('a connection whose stream breaks is broken for reader and writer, after what had arrived', async () => {
  using runner = scriptedRunner((request, turn) => {
    if (request.kind === 'connect') {
      turn.answer({ kind: 'connected' }, { kind: 'credit', bytes: 10 });
      turn.answer({ kind: 'portData', data: Buffer.from('the first words') });
    }
    if (request.kind === 'portData') turn.cut();
  });
  const stream = await connectPort(runner.link, 8080);
  const seen: string[] = [];
  const reading = (async () => {
    for await (const piece of stream.readable) {
      seen.push(Buffer.from(piece).toString());
      await stream.write(Buffer.from('x'));
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: 'sandbox.connection_broken', retryable: true });
  expect(seen).toEqual(['the first words']);
  await expect(stream.write(new Uint8Array(100))).rejects.toMatchObject({ code: 'sandbox.connection_broken' });
});

test('a connection that is closed tells the runner, and its reader ends', async () => {
  const echo = new EchoPort(8080);
  using runner = scriptedRunner((request, turn) => echo.take(request, turn));
  const stream = await connectPort(runner.link, 8080);
  const reading = all(stream);
  stream.close();
  expect(await reading).toHaveLength(0);
  await expect.poll(() => echo.open).toBe(0);
});
