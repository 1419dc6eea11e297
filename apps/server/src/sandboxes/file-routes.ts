import { sandboxErrors, type SandboxPath } from '@ephemera/sandbox';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { beginAnswer } from '../event-stream/begin-answer.ts';
import { createSlots, type Slots } from '../callers/limits.ts';
import { operation } from '../routes/operation.ts';
import { needs } from '../tokens/access.ts';
import { callerOfRequest } from '../tokens/authorize.ts';
import { fileAnswer, listQuery, pathOf, pathQuery, toFileAnswer } from './file-body.ts';
import { inTime } from './in-time.ts';
import { noteEnd, withSandbox } from './reach.ts';
import type { SandboxRouting } from './routing.ts';
import { sendBytes } from './send-bytes.ts';
import { slotFor } from './slot.ts';
import { watchToken } from './token-watch.ts';

/** A listing is held in memory as a whole, and may have many entries. */
const listingsAtOnce = { perKey: 2, inAll: 4 };
const readsAtOnce = { perKey: 50, inAll: 500 };
/** More are for a command in the sandbox to list. */
const mostEntries = 50_000;

const byId = z.object({ id: z.string() });
export const fileRefusals = {
  403: 'The token lacks the scope, or the sandbox’s user may not do this.',
  404: 'The token has no sandbox of this id, or there is no such file.',
  409: 'It is no file, no folder, or was changed meanwhile.',
  410: 'The sandbox has ended.',
  429: 'Too often.',
};

/** What is read and removed; what is written has a body of its own kind. */
export function fileRoutes(plugin: FastifyInstance, { deps, opened, take, url }: SandboxRouting): void {
  const app = plugin.withTypeProvider<ZodTypeProvider>();
  const [listings, reads] = [createSlots(listingsAtOnce), createSlots(readsAtOnce)];
  const slotOf = (slots: Slots, account: string) => slotFor(slots, account, 'Too much is being read');

  app.get(
    `${url}/:id/files`,
    {
      ...operation({
        id: 'readSandboxFile',
        tag: 'sandboxes',
        summary: 'Read a file',
        description: 'A connection that ends before the last chunk has not brought all of it.',
        access: needs('sandboxes:read'),
        params: byId,
        query: pathQuery,
        answers: { 200: { means: 'Its bytes.', holds: z.string(), type: 'application/octet-stream' } },
        refusals: fileRefusals,
      }),
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      using _slot = slotOf(reads, caller.account);
      const path = demandPath(pathOf(request.query));
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      using token = watchToken(deps, { authorization: request.headers.authorization, scope: 'sandboxes:read' });
      const signal = AbortSignal.any([gone.signal, token.over]);
      await withSandbox({ deps, opened, caller, id: request.params.id, signal, streams: true }, async ({ sandbox }) => {
        const pieces = sandbox.files.stream(path, { signal });
        // What is wrong with the path comes with the first piece, while there can still be another status than 200.
        const first = await inTime(pieces.next());
        beginAnswer(reply, 'application/octet-stream', { 'content-disposition': 'attachment' });
        const error = await sendBytes(reply.raw, first, pieces);
        if (error === undefined) return;
        request.log.warn({ sandbox: request.params.id, err: error }, 'a file was sent in part only');
        await noteEnd({ deps, opened, id: request.params.id }, error);
      });
    },
  );

  app.get(
    `${url}/:id/files/list`,
    operation({
      id: 'listSandboxFiles',
      tag: 'sandboxes',
      summary: 'List a folder',
      access: needs('sandboxes:read'),
      params: byId,
      query: listQuery,
      answers: { 200: { means: 'What is in it.', holds: z.array(fileAnswer) } },
      refusals: { ...fileRefusals, 413: 'It has too many entries.' },
    }),
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      using _slot = slotOf(listings, caller.account);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const path = pathOf(request.query) ?? '.';
      const recursive = request.query.recursive === 'true';
      return await withSandbox({ deps, opened, caller, id: request.params.id }, async ({ sandbox }) => {
        const entries = await sandbox.files.list(path, { recursive, most: mostEntries, signal: gone.signal });
        return entries.map(toFileAnswer);
      });
    },
  );

  app.delete(
    `${url}/:id/files`,
    operation({
      id: 'removeSandboxFile',
      tag: 'sandboxes',
      summary: 'Remove a file, or a folder with all that is in it',
      access: needs('sandboxes:write'),
      params: byId,
      query: pathQuery,
      answers: { 204: { means: 'It is gone, or was not there.' } },
      refusals: fileRefusals,
    }),
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      const path = demandPath(pathOf(request.query));
      await withSandbox({ deps, opened, caller, id: request.params.id }, async ({ sandbox }) =>
        sandbox.files.remove(path),
      );
      return reply.code(204).send();
    },
  );
}

/** Throws `sandbox.invalid`. */
export function demandPath(path: SandboxPath | undefined): SandboxPath {
  if (path !== undefined && path.length > 0) return path;
  throw new sandboxErrors.SandboxInvalid({
    what: 'What is asked for',
    problems: [{ path: 'path', problem: 'is missing', fix: 'name a file, such as ?path=src/index.js' }],
  });
}
