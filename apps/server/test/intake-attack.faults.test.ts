import { createHmac, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchMemory } from './attack/process-memory.ts';
import { chunkedBody, deliveryHead, dripping, raw } from './attack/raw-http.ts';
import { payload, startTarget, type Target } from './attack/target.ts';
import { soon } from './world.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;
/** Well-formed, so that the server has to read the body to find out that it is wrong. */
const forged = `sha256=${'0'.repeat(64)}`;
const giveUpMs = 45_000;

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(async () => target[Symbol.asyncDispose]());

test('case 18: a body of 2 GB, chunked and without a length, is refused with 413 as soon as it is too long', async () => {
  using memory = watchMemory(target.pid);
  const head = deliveryHead({ 'transfer-encoding': 'chunked', 'x-hub-signature-256': forged });
  const attacks = await Promise.all(
    Array.from({ length: 4 }, () => raw(target.url, { head, body: chunkedBody(2 * gibibyte), giveUpMs })),
  );
  expect(memory.grownMiB()).toBeLessThan(64);
  for (const { status, ms, sentBytes } of attacks) {
    // An answer that crosses what is still being sent may be lost with the connection; the connection is lost in any case.
    expect([413, undefined]).toContain(status);
    expect(ms).toBeLessThan(5_000);
    expect(sentBytes).toBeLessThan(64 * mebibyte);
  }
  expect(attacks.map(({ status }) => status)).toContain(413);
});

test.each([
  ['an announced length of 2 GB', { 'content-length': String(2 * gibibyte), 'x-hub-signature-256': forged }, 413],
  ['no signature', { 'content-length': '1000' }, 401],
  ['a signature that is none', { 'content-length': '1000', 'x-hub-signature-256': 'sha256=none' }, 401],
  ['a compressed body', { 'content-length': '1000', 'content-encoding': 'gzip', 'x-hub-signature-256': forged }, 415],
  [
    'another content type',
    { 'content-length': '1000', 'content-type': 'text/plain', 'x-hub-signature-256': forged },
    415,
  ],
  ['64 KB of headers', { 'x-padding': 'x'.repeat(64 * 1024) }, 431],
])('%s is refused before a byte of the body has come', async (_what, headers, status) => {
  const exchange = await raw(target.url, { head: deliveryHead(headers), giveUpMs });
  expect(exchange.status).toBe(status);
  expect(exchange.ms).toBeLessThan(1_500);
});

test.each([
  ['100 bodies that come one byte a second', { 'content-length': '1000', 'x-hub-signature-256': forged }, true],
  ['100 headers that come one byte a second', {}, false],
])('%s are ended with 408 within seconds, while others are answered', async (_what, headers, complete) => {
  const whole = deliveryHead(headers);
  const head = complete ? whole : `${whole.trimEnd()}\r\nx-slow: `;
  using memory = watchMemory(target.pid);
  await using honest = visitors();
  const attacks = await Promise.all(
    Array.from({ length: 100 }, () => raw(target.url, { head, body: dripping('x'), giveUpMs })),
  );
  expect(new Set(attacks.map(({ status }) => status))).toEqual(new Set([408]));
  expect(Math.max(...attacks.map(({ ms }) => ms))).toBeLessThan(15_000);
  expectWellServed(await honest.leave());
  expect(memory.grownMiB()).toBeLessThan(64);
});

test('500 connections that say nothing are ended, and hold up nobody', async () => {
  await using honest = visitors();
  const attacks = await Promise.all(Array.from({ length: 500 }, () => raw(target.url, { head: '', giveUpMs })));
  expect(Math.max(...attacks.map(({ ms }) => ms))).toBeLessThan(15_000);
  expectWellServed(await honest.leave());
});

test('case 18: JSON that is 10 000 levels deep, signed and sent 50 times at once, is refused with 422', async () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  const inside = payload(1).replace('"padding":""', `"padding":${deep}`);
  await using honest = visitors();
  const statuses = await Promise.all(
    [deep, inside].flatMap((body) => Array.from({ length: 25 }, () => target.deliver(body))),
  );
  expect(new Set(statuses)).toEqual(new Set([422]));
  expectWellServed(await honest.leave());
});

test('case 18: 500 deliveries at once are all recorded, in little memory', async () => {
  using memory = watchMemory(target.pid);
  const statuses = await Promise.all(
    Array.from({ length: 500 }, (_, index) => target.deliver(payload(index + 1, 20_000))),
  );
  expect(new Set(statuses)).toEqual(new Set([202]));
  expect(memory.grownMiB()).toBeLessThan(64);
});

test('500 bodies of 4 MB at once do not fill the memory, and deliveries of the usual size still come through', async () => {
  using memory = watchMemory(target.pid);
  // Whoever was answered goes, so that what is measured is the attack and not the wait for its connections.
  const headers = { 'content-length': String(4 * mebibyte), 'x-hub-signature-256': forged, connection: 'close' };
  const head = deliveryHead(headers);
  await using honest = visitors();
  const attacks = await Promise.all(
    Array.from({ length: 500 }, () => raw(target.url, { head, body: plainBody(4 * mebibyte), giveUpMs })),
  );
  // Attackers and visitors share one event loop here, which is busy with sending 2 GB: most of the time is theirs.
  expectWellServed(await honest.leave(), 8_000);
  // 32 MiB are kept at most; as much again waits in sockets or for the collector, and a busy machine collects late.
  expect(memory.grownMiB()).toBeLessThan(96);
  // Refused for their signature, for the lot of them, or hung up on while they were still sending.
  for (const { status } of attacks) expect([401, 408, 503, undefined]).toContain(status);
});

const body = payload(7);
const sha1 = (secret: string) => `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`;
test.each([
  ['none', () => ({ 'x-hub-signature-256': '' })],
  ['a wrong one', () => ({ 'x-hub-signature-256': forged })],
  ['a truncated one', () => ({ 'x-hub-signature-256': target.sign(body).slice(0, -2) })],
  ['SHA-1 only', () => ({ 'x-hub-signature-256': '', 'x-hub-signature': sha1(target.secrets[0]) })],
  [
    'one over the same JSON, printed anew',
    () => ({ 'x-hub-signature-256': target.sign(JSON.stringify(JSON.parse(body), null, 1)) }),
  ],
  ['one with another secret', () => ({ 'x-hub-signature-256': target.sign(body, 'guess') })],
])('a delivery whose signature is %s is refused with 401, and of it nothing is stored', async (_what, headers) => {
  const id = randomBytes(8).toString('hex');
  expect(await target.deliver(body, { 'x-github-delivery': id, ...headers() })).toBe(401);
  const stored = await target.database.db
    .selectFrom('deliveries')
    .select('deliveryId')
    .where('deliveryId', '=', id)
    .execute();
  expect(stored).toEqual([]);
});

test('case 17: while the secret is replaced, deliveries signed with either are taken', async () => {
  for (const secret of target.secrets) {
    expect(await target.deliver(body, { 'x-hub-signature-256': target.sign(body, secret) })).toBe(202);
  }
});

test('a compressed body is refused, also when its signature is right', async () => {
  const packed = gzipSync(body);
  const answer = await fetch(`${target.url}/webhooks/github`, {
    method: 'POST',
    body: packed,
    headers: {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'x-github-event': 'pull_request',
      'x-github-delivery': 'packed',
      'x-hub-signature-256': target.sign(packed),
    },
  });
  expect(answer.status).toBe(415);
});

test('after all of it the server is as it was: ready, and with the memory of before', async () => {
  await soon(async () => expect((await fetch(`${target.url}/health/ready`)).status).toBe(200));
  expect(await target.deliver(payload(99))).toBe(202);
});

async function* plainBody(bytes: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(64 * 1024, 0x20);
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
}

interface Service {
  readonly statuses: ReadonlySet<string>;
  /** Sorted, in milliseconds. */
  readonly answeredIn: readonly number[];
}

/** Somebody who asks for the health, and GitHub with deliveries of the usual size, one after the other until they leave. */
function visitors(): AsyncDisposable & { leave(): Promise<Service> } {
  const statuses = new Set<string>();
  const answeredIn: number[] = [];
  const leaving = new AbortController();
  const visit = async (what: string, request: () => Promise<number>): Promise<void> => {
    while (!leaving.signal.aborted) {
      const startedAt = performance.now();
      statuses.add(`${what} ${await request().catch(String)}`);
      answeredIn.push(performance.now() - startedAt);
    }
  };
  const visits = [
    visit('health', async () => (await fetch(`${target.url}/health`)).status),
    visit('delivery', () => target.deliver(payload(3, 20_000))),
  ];
  const leave = async (): Promise<Service> => {
    leaving.abort();
    await Promise.all(visits);
    return { statuses, answeredIn: answeredIn.toSorted((one, other) => one - other) };
  };
  return { leave, [Symbol.asyncDispose]: async () => void (await leave()) };
}

/** The aim is 500 ms for 99 of 100; three times that here, as a test's machine does other things too. */
function expectWellServed({ statuses, answeredIn }: Service, withinMs = 1_500): void {
  expect([...statuses].toSorted()).toEqual(['delivery 202', 'health 200']);
  expect(answeredIn[Math.floor(answeredIn.length * 0.99)]).toBeLessThan(withinMs);
}
