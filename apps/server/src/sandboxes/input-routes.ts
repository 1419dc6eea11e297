import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { operation } from '../routes/operation.ts';
import { slowBody } from '../slow-bodies.ts';
import { needs } from '../tokens/access.ts';
import { callerOfRequest } from '../tokens/authorize.ts';
import { commandBodyBytes, stdinQuery } from './command-body.ts';
import { FileTooLarge } from './errors.ts';
import { mostFileBytes, pathOf, writeQuery } from './file-body.ts';
import { demandPath, fileRefusals } from './file-routes.ts';
import { bytesOf, limited, streamOf } from './raw-body.ts';
import { withSandbox } from './reach.ts';
import type { SandboxRouting } from './routing.ts';
import { writeAll } from './start-command.ts';

const byId = z.object({ id: z.string() });
const byCommand = z.object({ id: z.string(), command: z.string() });
/** While the disk of a sandbox is slow, nothing moves on the connection. */
const longestStallMs = 120_000;

/** What takes bytes as they come, whatever type they are said to be of. */
export function inputRoutes(plugin: FastifyInstance, { deps, opened, take, url }: SandboxRouting): void {
  const app = plugin.withTypeProvider<ZodTypeProvider>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

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
    reply.raw.setTimeout(longestStallMs, () => reply.raw.destroy());
    const path = demandPath(pathOf(request.query));
    const { mode } = request.query;
    const content = limited(streamOf(request), mostFileBytes, () => new FileTooLarge({ most: mostFileBytes }));
    await withSandbox({ deps, opened, caller, id: request.params.id }, async ({ sandbox }) =>
      sandbox.files.write(path, content, mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
    );
    return reply.code(204).send();
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
      },
    }),
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      const { id, command } = request.params;
      const bytes = await bytesOf(request, commandBodyBytes);
      await withSandbox({ deps, opened, caller, id }, async ({ sandbox }) => {
        const handle = await sandbox.commands.connect(command);
        await writeAll(handle, bytes, request.query.close === 'true');
      });
      return reply.code(204).send();
    },
  );
}
