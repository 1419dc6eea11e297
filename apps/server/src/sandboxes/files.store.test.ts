import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, test as base, vi } from 'vitest';
import { revokeToken } from '../tokens/tokens.ts';
import { startSandboxApp, type SandboxApp, type SandboxCaller } from '../../test/sandbox-app.ts';

interface Fixture {
  app: SandboxApp;
  ci: SandboxCaller;
  id: string;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  app: async ({}, use) => {
    await using app = await startSandboxApp({ files: { 'src/index.js': 'hello' } });
    await use(app);
  },
  ci: async ({ app }, use) => use(await app.as()),
  id: async ({ ci }, use) => use((await ci.create()).id),
});

const put = (ci: SandboxCaller, path: string, body: string | Uint8Array<ArrayBuffer>, type?: string) =>
  ci.fetch(path, { method: 'PUT', body, ...(type && { headers: { 'content-type': type } }) });
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

test.each([undefined, 'application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
  'a file comes back as it was sent, said to be of type %s',
  async (type) => {
    await using app = await startSandboxApp();
    const ci = await app.as();
    const { id } = await ci.create();
    const content = randomBytes(3_000_000);
    expect((await put(ci, `/${id}/files?path=a/b.bin`, content, type)).status).toBe(204);
    const read = await ci.fetch(`/${id}/files?path=a/b.bin`);
    expect(read.headers.get('content-type')).toBe('application/octet-stream');
    expect(read.headers.get('x-content-type-options')).toBe('nosniff');
    expect(Buffer.from(await read.arrayBuffer()).equals(content)).toBe(true);
  },
);

test('an empty file, and one with permission bits', async ({ ci, id }) => {
  expect((await put(ci, `/${id}/files?path=empty`, '')).status).toBe(204);
  expect((await put(ci, `/${id}/files?path=run.sh&mode=755`, '#!')).status).toBe(204);
  const listed = await ci.ask('GET', `/${id}/files/list`);
  expect(listed.body).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ path: 'empty', size: 0, mode: '644' }),
      expect.objectContaining({ path: 'run.sh', mode: '755' }),
    ]),
  );
  expect(await (await ci.fetch(`/${id}/files?path=empty`)).text()).toBe('');
});

test('a folder is listed, deep or not, and removed with all that is in it', async ({ ci, id }) => {
  const paths = async (query: string) =>
    ((await ci.ask('GET', `/${id}/files/list${query}`)).body as unknown as { path: string }[]).map(({ path }) => path);
  expect(await paths('')).toEqual(['src']);
  expect(await paths('?recursive=true')).toEqual(['src', 'src/index.js']);
  expect(await paths('?path=src')).toEqual(['index.js']);
  expect((await ci.ask('DELETE', `/${id}/files?path=src`)).status).toBe(204);
  expect((await ci.ask('DELETE', `/${id}/files?path=src`)).status).toBe(204);
  expect(await paths('')).toEqual([]);
});

test('a name that is no UTF-8 is written, listed and read by its bytes', async ({ ci, id }) => {
  const name = Buffer.from([0x61, 0xff, 0x0a, 0x2d]).toString('base64');
  const query = `path_base64=${encodeURIComponent(name)}`;
  expect((await put(ci, `/${id}/files?${query}`, 'x')).status).toBe(204);
  const listed = await ci.ask('GET', `/${id}/files/list`);
  expect(listed.body).toMatchObject(expect.arrayContaining([expect.objectContaining({ path_base64: name })]));
  expect(await (await ci.fetch(`/${id}/files?${query}`)).text()).toBe('x');
});

test('a path that leads out is refused, and what is not there is not found', async ({ ci, id }) => {
  const outside = await put(ci, `/${id}/files?path=${encodeURIComponent('../../etc/passwd')}`, 'x');
  expect([outside.status, await codeOf(outside)]).toEqual([403, 'sandbox.file']);
  const missing = await ci.fetch(`/${id}/files?path=nothing`);
  expect([missing.status, await codeOf(missing)]).toEqual([404, 'sandbox.file']);
  const folder = await ci.fetch(`/${id}/files?path=src`);
  expect(folder.status).toBe(409);
  for (const path of ['', '?path=', `?path=${encodeURIComponent('a\0b')}`, '?path=a&other=1', '?path_base64=***'])
    expect((await ci.fetch(`/${id}/files${path}`)).status).toBe(400);
});

test('of a file that is cut off nothing is kept', async ({ app, ci, id }) => {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const path = `/api/v1/sandboxes/${id}/files?path=half`;
  const headers = `Host: localhost\r\nAuthorization: Bearer ${ci.token}\r\nContent-Length: 1000\r\nExpect: 100-continue`;
  socket.write(`PUT ${path} HTTP/1.1\r\n${headers}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toContain('100 Continue');
  socket.write('half of it');
  socket.destroy();
  await vi.waitFor(async () => {
    const { body } = await ci.ask('GET', `/${id}/files/list`);
    expect(body).toMatchObject([{ path: 'src' }]);
  });
});

/** More than lies in all buffers between the sandbox and a client that does not read. */
const large = 64 * 1024 * 1024;

/** A file that is being read: a part of it has come. The rest comes one piece at a time, with a request between two. */
async function readingLarge(ci: SandboxCaller): Promise<{ id: string; rest: () => Promise<unknown> }> {
  const { id } = await ci.create();
  const response = await ci.fetch(`/${id}/files?path=large`);
  const reader = response.body?.getReader();
  await reader?.read();
  const rest = async (): Promise<void> => {
    while ((await reader?.read())?.done === false) await (await ci.fetch('')).text();
  };
  return { id, rest };
}

test('a sandbox that is gone in the middle of a file breaks the connection, and counts no more', async () => {
  await using app = await startSandboxApp({ files: { large: Buffer.alloc(large) } });
  const ci = await app.as();
  const { id, rest } = await readingLarge(ci);
  app.host.faults(id).deletePod();
  await expect(rest()).rejects.toThrow('terminated');
  await vi.waitFor(async () => {
    const row = await app.server.database.db.selectFrom('sandboxes').select('endedAt').executeTakeFirst();
    expect(row?.endedAt).toBeInstanceOf(Date);
  });
});

test('a token that is revoked gets no more of a file that it reads', async () => {
  await using app = await startSandboxApp({ files: { large: Buffer.alloc(large) }, tokenLookMs: 50 });
  const ci = await app.as();
  const { rest } = await readingLarge(ci);
  await revokeToken(app.server.database.db, ci.name);
  await expect(rest()).rejects.toThrow('terminated');
});
