import { beforeAll, expect, test } from 'vitest';
import { encodeRequest, type Request } from '../../src/wire/request.ts';
import { checkingBuild, lacksCompilers } from './builds.ts';
import { RunnerClient } from './client.ts';
import { randomNumbers } from './random-numbers.ts';
import { BUILD_MS, RunnerProcess } from './runner-process.ts';

beforeAll(async () => void (await checkingBuild()), BUILD_MS);

const path = (text: string) => Buffer.from(text);
const flags = { stdin: true, terminal: false };
/** Each kind once, in an order in which they meet. Nothing absolute: what is changed by chance stays below the work folder. */
const seeds: readonly Request[] = [
  { kind: 'hello', version: 1 },
  { kind: 'ping', token: Buffer.alloc(8) },
  { kind: 'env', env: ['A=b', 'C=d'] },
  {
    kind: 'start',
    id: 'f',
    flags,
    timeoutMs: 200,
    graceMs: 5,
    rows: 1,
    columns: 2,
    cwd: '',
    argv: ['cat'],
    env: ['E=f'],
  },
  {
    kind: 'start',
    id: 't',
    flags: { stdin: false, terminal: true },
    timeoutMs: 200,
    graceMs: 5,
    rows: 1,
    columns: 2,
    cwd: '',
    argv: ['cat'],
    env: [],
  },
  { kind: 'attach', id: 'f', fromStdout: 0, fromStderr: 0, window: 5, follow: true },
  { kind: 'credit', bytes: 3 },
  { kind: 'stdin', id: 'f', offset: 0, data: path('hello') },
  { kind: 'stdin', id: 't', offset: 0, data: path('hello\n') },
  { kind: 'stdinClose', id: 'f', total: 5 },
  { kind: 'signal', id: 'f', signal: 10, tree: true },
  { kind: 'resize', id: 't', rows: 4, columns: 5 },
  { kind: 'commands' },
  { kind: 'kill', id: 'f', graceMs: 1 },
  { kind: 'forget', id: 'f' },
  { kind: 'folder', path: path('a/b'), mode: 0o755 },
  { kind: 'write', path: path('a/b/file'), mode: 0o644 },
  { kind: 'chunk', data: path('content') },
  { kind: 'commit', total: 7 },
  { kind: 'link', path: path('a/link'), target: path('b/file') },
  { kind: 'stat', path: path('a/link') },
  { kind: 'list', path: path('a'), recursive: true, window: 50 },
  { kind: 'read', path: path('a/link'), from: 1, most: 3, window: 2 },
  { kind: 'cancel' },
  { kind: 'remove', path: path('a') },
  { kind: 'connect', port: 1, window: 5 },
  { kind: 'portData', data: path('x') },
  { kind: 'portEnd' },
  { kind: 'info' },
  { kind: 'expire', inMs: 3_600_000, idleMs: 0 },
];

/** The bytes of a request with something wrong in it, or not. The header's length mostly stays true. */
function changed(frame: Uint8Array, seed: Request, next: (below: number) => number): Uint8Array {
  const bytes = Uint8Array.from(frame);
  const way = next(8);
  // A changed EXPIRE could end the runner, which would be right.
  if (way === 0 || seed.kind === 'expire') return bytes;
  if (way === 1) return withLength(bytes.subarray(0, 9 + next(bytes.length - 8)));
  if (way === 2) return withLength(Buffer.concat([bytes, Buffer.alloc(1 + next(40), next(256))]));
  if (way === 3) bytes[4] = next(0x41);
  else
    for (let count = 0; count <= next(3); count++)
      bytes[bytes.length > 9 ? 9 + next(bytes.length - 9) : 4] = next(256) === 0x2f ? 0 : next(40);
  return bytes;
}

function withLength(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, bytes.length - 9);
  return bytes;
}

test.skipIf(lacksCompilers)(
  'no frame that is cut, grown, changed or out of its order makes a wrong step in the runner',
  async () => {
    await using runner = await RunnerProcess.start({ uid: 65_534, args: ['--keep', '500', '--keep-all', '900'] });
    const next = randomNumbers(8_150_233);
    for (let round = 0; round < 40; round++) {
      const client = await RunnerClient.connect(runner.socket);
      for (let count = 0; count < 150; count++) {
        const seed = seeds[next(3) === 0 ? next(seeds.length) : count % seeds.length] as Request;
        client.write(changed(encodeRequest(next(12), seed), seed, next));
      }
      if (round % 3 === 0) client.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 1]));
      const alone = await runner.client();
      await alone.ask({ kind: 'ping', token: Buffer.alloc(8, round) }, 'pong');
      await alone.close();
      if (round % 3 === 0) await client.closed;
      else await client.close();
    }
    const last = await runner.client();
    expect((await last.run('still-right', ['sh', '-c', 'echo right; exit 4'])).exit.code).toBe(4);
  },
  60_000,
);

test.skipIf(lacksCompilers)(
  'bytes of no kind at all end their stream or are answered, and hurt nobody else',
  async () => {
    await using runner = await RunnerProcess.start({ uid: 65_534 });
    const next = randomNumbers(99);
    for (let round = 0; round < 60; round++) {
      const client = await RunnerClient.connect(runner.socket);
      client.write(Uint8Array.from({ length: 1 + next(400) }, () => next(256)));
      await client.close();
    }
    const client = await runner.client();
    expect((await client.ask({ kind: 'hello', version: 1 }, 'hello')).version).toBe(1);
  },
);
