import { expect, test } from 'vitest';
import { apiServer, refusal, silent, stream, text } from '../test/api-server.ts';
import { goesOn, logs } from './logs.ts';

const which = { namespace: 'shop', pod: 'hello-1', container: 'main' };

const bytes = (value: string) => new TextEncoder().encode(value);

test('gives whole lines, however they arrive, and the last one without an end too', async () => {
  const euro = bytes('€');
  const chunks = [bytes('one\ntw'), bytes('o\n\n'), euro.slice(0, 1), euro.slice(1), bytes(' rest')];
  await using api = await apiServer(stream(chunks, 'closes'));
  expect(await Array.fromAsync(logs(api.connection, which))).toEqual(['one', 'two', '', '€ rest']);
});

test('asks for what is wanted, and for nothing else', async () => {
  await using api = await apiServer(text(200, ''));
  await Array.fromAsync(logs(api.connection, { ...which, follow: true, tailLines: 5, timestamps: true }));
  expect(api.asked[0]).toMatchObject({
    path: '/api/v1/namespaces/shop/pods/hello-1/log',
    query: { container: 'main', follow: 'true', tailLines: '5', timestamps: 'true' },
  });
});

test('lines that came before the connection broke are given, and then it is said', async () => {
  await using api = await apiServer(stream([bytes('one\n')], 'breaks'));
  const lines: string[] = [];
  const reading = (async () => {
    for await (const line of logs(api.connection, which)) lines.push(line);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'kube.unreachable', retryable: true });
  expect(lines).toEqual(['one']);
});

test('a line without an end comes in parts instead of filling the memory', async () => {
  const long = 'x'.repeat(2 * 1024 * 1024 + 5);
  await using api = await apiServer(stream([bytes(`${long}\nshort\n`), bytes(long)], 'closes'));
  const lines = await Array.fromAsync(logs(api.connection, which));
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(1024 * 1024);
  expect(lines.join('')).toBe(`${long}short${long}`);
});

test('the parts of a line can be told from whole lines, however long the line is', async () => {
  const of = (length: number) => 'x'.repeat(length);
  const texts = [of(1024 * 1024 - 1), of(1024 * 1024), of(2 * 1024 * 1024), of(3 * 1024 * 1024 + 1), ''];
  for (const end of ['\n', '']) {
    const sent = `${texts.join('\n')}${end}`;
    await using api = await apiServer(
      stream([bytes(sent.slice(0, 5_000_000)), bytes(sent.slice(5_000_000))], 'closes'),
    );
    const lines = await Array.fromAsync(logs(api.connection, which));
    expect(
      lines.map((line) => (goesOn(line) ? line : `${line}\n`)).join('') ===
        `${texts.join('\n')}\n`.slice(0, end === '' ? -1 : undefined),
    ).toBe(true);
  }
});

test('what the cluster refuses is a typed error, not an empty log', async () => {
  await using api = await apiServer(refusal(404, 'NotFound'));
  await expect(Array.fromAsync(logs(api.connection, which))).rejects.toMatchObject({ code: 'kube.not_found' });
});

test('it ends when the caller wants no more, before and after the answer has begun', async () => {
  await using quiet = await apiServer(silent);
  const signal = AbortSignal.timeout(50);
  await expect(Array.fromAsync(logs(quiet.connection, { ...which, signal }))).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  await using open = await apiServer((response) => response.writeHead(200).write('one\n'));
  const caller = new AbortController();
  const reading = (async () => {
    for await (const line of logs(open.connection, { ...which, follow: true, signal: caller.signal })) {
      caller.abort(new Error(`enough after ${line}`));
    }
  })();
  await expect(reading).rejects.toThrow('enough after one');
  await expect.poll(() => open.sockets()).toBe(0);
});
