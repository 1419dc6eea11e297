import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startWorld, type World } from './world.ts';

/** `fetch` refuses to set Host; a browser that resolves *.localhost sends it by itself. */
async function visit(
  world: World,
  host: string,
  path = '/',
): Promise<{ status: number; body: string; commit: string | undefined }> {
  return new Promise((resolve, reject) => {
    request(new URL(path, world.server.url), { headers: { host } }, (response) => {
      const commit = response.headers['x-ephemera-commit'];
      text(response).then(
        (body) =>
          resolve({ status: response.statusCode ?? 0, body, commit: typeof commit === 'string' ? commit : undefined }),
        reject,
      );
    })
      .once('error', reject)
      .end();
  });
}

test("the environment's host answers with its state and commit while it is there, and with 410 afterwards", async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart', title: 'Add a cart' });
  const { host } = await world.until('ready');

  const page = await visit(world, host);
  expect(page).toMatchObject({ status: 200, commit: pull.sha() });
  expect(page.body).toContain('acme/shop #1');

  await pull.close();
  await world.until('destroyed');
  expect((await visit(world, host)).status).toBe(410);
});

test("an environment's host never reaches the server's own paths, and an unknown host gets 404", async () => {
  await using world = await startWorld();
  await world.repository.open({ head: 'feat/cart' });
  const { host } = await world.until('ready');

  for (const path of ['/api/v1/environments', '/health', '/health/ready', '/webhooks/github', '/']) {
    expect((await visit(world, host, path)).body).toContain('This environment is ready');
  }
  expect((await visit(world, 'pr-9-0000000000.localhost')).status).toBe(404);
  expect((await visit(world, '127.0.0.1', '/health')).body).toBe('{"status":"ok"}');
});
