import { orAborted } from '@ephemera/model';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { operation } from '../routes/operation.ts';
import { createSlots } from '../callers/limits.ts';
import { slowBody } from '../slow-bodies.ts';
import { needs } from '../tokens/access.ts';
import { callerOfRequest } from '../tokens/authorize.ts';
import { commandBodyBytes, stdinQuery } from './command-body.ts';
import { FileTooLarge, StdinUnread } from './errors.ts';
import { mostFileBytes, pathOf, writeQuery } from './file-body.ts';
import { demandPath, fileRefusals } from './file-routes.ts';
import { bytesOf, limited, streamOf } from './raw-body.ts';
import { withSandbox } from './reach.ts';
import type { SandboxRouting } from './routing.ts';
import { slotFor } from './slot.ts';
import { writeAll } from './start-command.ts';
import { watchToken } from './token-watch.ts';

const byId = z.object({ id: z.string() });
const byCommand = z.object({ id: z.string(), command: z.string() });
/** While the disk of a sandbox is slow, nothing moves on the connection. */
const longestStallMs = 120_000;

/** Bodies that are being read: each holds a connection, and up to 8 MiB. */
const atOnce = { perKey: 20, inAll: 100 };
/** Below the time in which the server has to answer. */
const unreadMs = 15_000;

/** What takes bytes as they come, whatever type they are said to be of. */
export function inputRoutes(plugin: FastifyInstance, { deps, opened, take, url, stop }: SandboxRouting): void {
  const app = plugin.withTypeProvider<ZodTypeProvider>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  const slots = createSlots(atOnce);
  const slotOf = (account: string) => slotFor(slots, account, 'Too many bodies are being sent');
  /** By the command: of two writers at once each would take the other's bytes for its own. */
  const writers = new Map<string, Promise<void>>();
  const inTurn = (key: string, work: () => Promise<void>): Promise<void> => {
    const done = (writers.get(key) ?? Promise.resolve()).then(work);
    const settled = done
      .catch(() => {})
      .then(() => {
        if (writers.get(key) === settled) writers.delete(key);
      });
    writers.set(key, settled);
    return done;
  };

  const write = operation({
    id: 'writeSandboxFile',
    tag: 'sandboxes',
    summary: 'Write a file',
    description: `The body is taken as it is, of whatever type, up to ${mostFileBytes / 1024 ** 3} GiB. The file has its name once all of it has arrived; folders on the way are made.`,
    access: needs('sandboxes:write'),
    params: byId,
    query: writeQuery,
    answers: { 204: { means: 'It is there.' } },
    refusals: { ...fileRefusals, 413: 'It is too large.', 507: 'The disk of the sandbox is full.' },
  });
  app.put(`${url}/:id/files`, { ...write, config: { ...write.config, ...slowBody } }, async (request, reply) => {
    const caller = callerOfRequest(request);
    take(caller, 'other');
    using _slot = slotOf(caller.account);
    reply.raw.setTimeout(longestStallMs, () => reply.raw.destroy());
    const path = demandPath(pathOf(request.query));
    const { mode } = request.query;
    const content = limited(streamOf(request), mostFileBytes, () => new FileTooLarge({ most: mostFileBytes }));
    request.log.info({ sandbox: request.params.id, caller: caller.name }, 'writes a file');
    using token = watchToken(deps, { authorization: request.headers.authorization, scope: 'sandboxes:write' });
    await withSandbox({ deps, opened, caller, id: request.params.id, streams: true }, async ({ sandbox }) =>
      sandbox.files.write(path, content, {
        signal: token.over,
        ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
      }),
    );
    return await reply.code(204).send();
  });

  app.post(
    `${url}/:id/commands/:command/stdin`,
    operation({
      id: 'writeSandboxCommandStdin',
      tag: 'sandboxes',
      summary: 'Write to the standard input of a command that was started with keep_stdin',
      description: 'The body is taken as it is, of whatever type.',
      access: needs('sandboxes:write'),
      params: byCommand,
      query: stdinQuery,
      answers: { 204: { means: 'It was taken.' } },
      refusals: {
        404: 'The token has no sandbox of this id, or that has no such command.',
        409: 'It reads nothing more.',
        410: 'The sandbox has ended.',
        413: 'The body is too large.',
        429: 'Too often.',
        503: 'The command does not read; a part may have been taken. With an offset it may be sent again.',
      },
    }),
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      using _slot = slotOf(caller.account);
      const { id, command } = request.params;
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const bytes = await bytesOf(request, commandBodyBytes);
      await withSandbox({ deps, opened, caller, id }, async ({ sandbox }) => {
        const handle = await sandbox.commands.connect(command);
        const late = AbortSignal.timeout(unreadMs);
        const signal = AbortSignal.any([gone.signal, stop, late]);
        const close = request.query.close === 'true';
        const offset = request.query.offset === undefined ? undefined : Number(request.query.offset);
        try {
          await orAborted(
            inTurn(`${id}/${command}`, () => writeAll(handle, bytes, { close, offset, signal })),
            signal,
          );
        } catch (error) {
          if (late.aborted) throw new StdinUnread({ id: command, seconds: unreadMs / 1000 }, { cause: error });
          throw error;
        }
      });
      return await reply.code(204).send();
    },
  );
}
