import type { InjectOptions } from 'fastify';
import type { TestApp } from './app.ts';

interface Call {
  readonly status: number;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly inject?: InjectOptions;
}

const json = (body: unknown): InjectOptions => ({
  payload: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

/** For each operation on sandboxes its calls: on a host with the program `true`, which writes nothing, and the file `a`. */
export async function sandboxCalls({ app, authorization }: TestApp): Promise<Record<string, readonly Call[]>> {
  const create = async (body: object): Promise<string> => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/sandboxes',
      payload: body,
      headers: { authorization },
    });
    return (JSON.parse(answer.body) as { id: string }).id;
  };
  const id = await create({ name: 'taken' });
  const path = { id };
  const none = { status: 404, path: { id: 'sandbox-0123456789' } };
  const unknown = { status: 404, path: { id, command: 'unknown' } };
  return {
    createSandbox: [
      { status: 201 },
      { status: 201, inject: json({ image: 'busybox:1' }) },
      { status: 400, inject: json({ service_account_name: 'admin' }) },
      { status: 403, inject: json({ user: 0 }) },
      { status: 409, inject: json({ name: 'taken' }) },
      { status: 413, inject: json({ image: 'x'.repeat(1_100_000) }) },
    ],
    listSandboxes: [{ status: 200 }, { status: 400, query: 'a=b' }],
    getSandbox: [{ status: 200, path }, none],
    deleteSandbox: [{ status: 204, path: { id: await create({}) } }, none],
    extendSandbox: [
      { status: 200, path, inject: json({ timeout_ms: 60_000 }) },
      { status: 403, path, inject: json({ timeout_ms: 700_000_000 }) },
      { ...none, inject: json({ timeout_ms: 60_000 }) },
    ],
    runInSandbox: [
      { status: 200, path, inject: json({ argv: ['true'] }) },
      { status: 202, path, inject: json({ argv: ['true'], detach: true }) },
      { status: 400, path, inject: json({}) },
      { status: 422, path, inject: json({ argv: ['nothing'] }) },
      { ...none, inject: json({ argv: ['true'] }) },
    ],
    listSandboxCommands: [{ status: 200, path }, none],
    getSandboxCommand: [unknown],
    getSandboxCommandLogs: [unknown, { status: 400, path: { id, command: 'unknown' }, query: 'follow=maybe' }],
    killSandboxCommand: [unknown],
    writeSandboxCommandStdin: [unknown],
    readSandboxFile: [
      { status: 200, path, query: 'path=a' },
      { status: 400, path },
      { status: 403, path, query: 'path=../a' },
      { status: 404, path, query: 'path=b' },
    ],
    listSandboxFiles: [{ status: 200, path }, none],
    writeSandboxFile: [
      { status: 204, path, query: 'path=c', inject: { payload: 'x' } },
      { ...none, query: 'path=c' },
    ],
    removeSandboxFile: [
      { status: 204, path, query: 'path=c' },
      { ...none, query: 'path=c' },
    ],
    streamSandbox: [{ status: 426, path }],
  };
}
