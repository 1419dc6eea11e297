import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { serveLoopback, type Loopback } from './loopback.ts';

const serve = (exchange: (code: string) => Promise<string> = async (code) => code) =>
  serveLoopback({
    state: 'the-state',
    form: () => ({ action: 'https://github.example/settings/apps/new', manifest: {} }),
    exchange,
  });

/** The status of an answer to a request target that no client would send. */
async function statusOf({ url }: Loopback<string>, target: string, host = new URL(url).host): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return Number((await text(socket)).split(' ')[1]);
}

test('an address that is none is refused, and the page goes on', async () => {
  await using loopback = await serve();
  expect(await statusOf(loopback, '//')).toBe(400);
  expect(await statusOf(loopback, '//', 'elsewhere.example')).toBe(421);
  expect(await statusOf(loopback, '/')).toBe(200);
});

test('that GitHub sent somebody back is known before the exchange has ended, and only with the state of here', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  await using loopback = await serve(async () => promise);
  let came = false;
  void loopback.codeCame.then(() => (came = true));
  expect((await fetch(`${loopback.url}/done?code=c&state=guessed`)).status).toBe(400);
  expect(came).toBe(false);
  const answer = fetch(`${loopback.url}/done?code=c&state=the-state`);
  await loopback.codeCame;
  resolve('made');
  expect((await answer).status).toBe(200);
  expect(await loopback.result).toBe('made');
});
