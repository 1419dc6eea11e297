import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startHttpProxy, type HttpProxy } from './http-proxy.ts';

interface Behind extends AsyncDisposable {
  readonly proxy: HttpProxy;
  /** What got through, as `METHOD path body`. */
  readonly seen: string[];
}

/** A proxy before a server that answers `/lines` with three lines and leaves them open, and says `ok` to everything else. */
async function behind(): Promise<Behind> {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => {
      seen.push(`${incoming.method} ${incoming.url} ${body}`);
      if (incoming.url?.startsWith('/lines')) outgoing.write('first\nsecond\nthird\n');
      else outgoing.end('ok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startHttpProxy({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  return {
    proxy,
    seen,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
    },
  };
}

const post = (url: string) => fetch(url, { method: 'POST', body: 'x', signal: AbortSignal.timeout(5_000) });

test('without a rule everything passes through, body and answer', async () => {
  await using world = await behind();
  expect(await (await post(`${world.proxy.url}/a?b=1`)).text()).toBe('ok');
  expect(world.seen).toEqual(['POST /a?b=1 x']);
  expect(world.proxy.calls).toEqual([{ method: 'POST', path: '/a?b=1' }]);
});

test('only the occurrence that a rule names is answered in the place of the server', async () => {
  await using world = await behind();
  const rule = world.proxy.rule({ method: 'POST', path: '/a', nth: 2, fate: { status: 429, body: 'slow down' } });
  const answers = [];
  for (const path of ['/a', '/b', '/a', '/a']) answers.push((await post(world.proxy.url + path)).status);
  expect(answers).toEqual([200, 200, 429, 200]);
  expect(rule.hits()).toBe(1);
  expect(world.seen).toHaveLength(3);
});

test('a request that is reset never reaches the server; one whose answer is lost does', async () => {
  await using world = await behind();
  world.proxy.rule({ path: '/never', fate: 'reset' });
  const lost = world.proxy.rule({ path: '/lost', fate: 'forward-and-reset' });
  await expect(post(`${world.proxy.url}/never`)).rejects.toThrow('fetch failed');
  await expect(post(`${world.proxy.url}/lost`)).rejects.toThrow('fetch failed');
  await lost.answered;
  expect(world.seen).toEqual(['POST /lost x']);
});

test('what is held arrives when it is released', async () => {
  await using world = await behind();
  const rule = world.proxy.rule({ fate: 'hold' });
  const answer = post(`${world.proxy.url}/a`);
  await rule.reached;
  expect(world.seen).toEqual([]);
  world.proxy.release();
  expect((await answer).status).toBe(200);
});

test('a stream is cut in the middle of the line after the last one that it may say', async () => {
  await using world = await behind();
  world.proxy.rule({ fate: { cutAfterLines: 1 } });
  const { body } = await fetch(`${world.proxy.url}/lines`);
  let said = '';
  await expect(
    (async () => {
      for await (const chunk of body as AsyncIterable<Uint8Array>) said += Buffer.from(chunk).toString();
    })(),
  ).rejects.toThrow('terminated');
  expect(said).toMatch(/^first\nsecond?\n?t?/);
  expect(said).not.toContain('third\n');
});

test('a server that is down refuses, and is back on the same port', async () => {
  await using world = await behind();
  await world.proxy.down();
  await expect(post(world.proxy.url)).rejects.toThrow('fetch failed');
  await world.proxy.up();
  expect((await post(world.proxy.url)).status).toBe(200);
});
