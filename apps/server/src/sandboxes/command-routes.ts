import { sandboxErrors, type Sandbox } from '@ephemera/sandbox';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createSlots } from '../callers/limits.ts';
import { beginAnswer } from '../event-stream/begin-answer.ts';
import { clientStream } from '../event-stream/client-stream.ts';
import { eventText } from '../event-stream/sse.ts';
import { operation } from '../routes/operation.ts';
import { needs } from '../tokens/access.ts';
import { callerOfRequest } from '../tokens/authorize.ts';
import {
  commandAnswer,
  commandBodyBytes,
  killBody,
  logsHeaders,
  logsQuery,
  runBody,
  toCommandAnswer,
} from './command-body.ts';
import { followCommand } from './follow-command.ts';
import { inTime } from './in-time.ts';
import { positionOf } from './output-event.ts';
import { noteEnd, withSandbox } from './reach.ts';
import type { SandboxRouting } from './routing.ts';
import { slotFor } from './slot.ts';
import { startCommand } from './start-command.ts';
import { watchToken } from './token-watch.ts';

/** Streams of events: each holds a connection, and a channel to its sandbox. */
const atOnce = { perKey: 100, inAll: 1_000 };
const byId = z.object({ id: z.string() });
const byCommand = z.object({ id: z.string(), command: z.string() });
const started = z
  .object({ command: z.string() })
  .meta({ id: 'StartedCommand', description: 'By which it is found again.' });
const refusals = {
  404: 'The token has no sandbox of this id, or that has no such command.',
  410: 'The sandbox has ended.',
  422: 'The program cannot be run.',
  429: 'Too often, or too many streams at once.',
};
const events =
  'Events: `stdout` and `stderr` (`offset`, and `text` or, where it is no UTF-8, `base64`), then `exit` (`exit_code`, `signal`, `timed_out`, …) or, where there is no result, `error` as a Problem. Each has an id: a reader that sends the last one as Last-Event-ID to …/logs goes on after it.';

/** Commands in a sandbox. */
export function commandRoutes(plugin: FastifyInstance, { deps, opened, take, url, stop }: SandboxRouting): void {
  const app = plugin.withTypeProvider<ZodTypeProvider>();
  const slots = createSlots(atOnce);
  const slotOf = (account: string) => slotFor(slots, account, 'Too many streams are open');

  app.post(
    `${url}/:id/commands`,
    {
      ...operation({
        id: 'runInSandbox',
        tag: 'sandboxes',
        summary: 'Run a command, and hear what it writes and how it ends',
        description: `The first event is \`started\` (\`command\`: its id). ${events} Closing the connection ends the command with all its processes, unless it was started with \`detach\` or an \`id\`; what one with an \`id\` still has to read comes with the same request, sent again.`,
        access: needs('sandboxes:write'),
        params: byId,
        body: runBody,
        answers: {
          200: { means: 'What it writes.', holds: z.string(), type: 'text/event-stream' },
          202: { means: 'It was started with `detach`.', holds: started },
        },
        refusals,
      }),
      bodyLimit: commandBodyBytes,
    },
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      const { body } = request;
      const { id } = request.params;
      const stream = clientStream(reply.raw);
      const over = new AbortController();
      using _over = { [Symbol.dispose]: () => over.abort() };
      using _slot = body.detach ? undefined : slotOf(caller.account);
      return await withSandbox(
        { deps, opened, caller, id, signal: stream.gone, streams: true },
        async ({ sandbox }) => {
          const handle = await inTime(startCommand(sandbox, body, over.signal));
          // Neither what it runs nor its variables: both may hold credentials.
          request.log.info({ sandbox: id, caller: caller.name, command: handle.id }, 'runs a command');
          deps.metrics.sandbox('run', 'done');
          if (body.detach) return reply.code(202).send({ command: handle.id });
          beginAnswer(reply, 'text/event-stream');
          await stream.write(eventText({ event: 'started', data: { command: handle.id }, id: '0-0' }));
          using token = watchToken(deps, { authorization: request.headers.authorization, scope: 'sandboxes:write' });
          const error = await followCommand({
            handle,
            stream,
            from: undefined,
            follow: true,
            isRunning: async () => false,
            stop,
            over: token.over,
            log: request.log,
          });
          await noteEnd({ deps, opened, id }, error);
          // Whoever stops reading stops the command; one that was named, or whose server stops, is left to whoever comes back.
          if (error !== undefined && stream.gone.aborted && !stop.aborted && body.id === undefined)
            await handle.kill(graceOf(body)).catch(() => {});
          return undefined;
        },
      );
    },
  );

  app.get(
    `${url}/:id/commands`,
    operation({
      id: 'listSandboxCommands',
      tag: 'sandboxes',
      summary: 'The commands of a sandbox that run, and the last ones that have ended',
      access: needs('sandboxes:read'),
      params: byId,
      answers: { 200: { means: 'Those that its runner knows.', holds: z.array(commandAnswer) } },
      refusals,
    }),
    async (request) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      const { id } = request.params;
      return withSandbox({ deps, opened, caller, id }, async ({ sandbox }) =>
        (await sandbox.commands.list()).map(toCommandAnswer),
      );
    },
  );

  app.get(
    `${url}/:id/commands/:command`,
    operation({
      id: 'getSandboxCommand',
      tag: 'sandboxes',
      summary: 'One command',
      access: needs('sandboxes:read'),
      params: byCommand,
      answers: { 200: { means: 'The command.', holds: commandAnswer } },
      refusals,
    }),
    async (request) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      const { id, command } = request.params;
      return withSandbox({ deps, opened, caller, id }, async ({ sandbox }) =>
        toCommandAnswer(await commandOf(sandbox, command)),
      );
    },
  );

  app.get(
    `${url}/:id/commands/:command/logs`,
    {
      ...operation({
        id: 'getSandboxCommandLogs',
        tag: 'sandboxes',
        summary: 'What a command has written, and writes',
        description: `${events} Without following, \`running\` comes last while it runs. Closing the connection changes nothing.`,
        access: needs('sandboxes:read'),
        params: byCommand,
        query: logsQuery,
        headers: logsHeaders,
        answers: { 200: { means: 'What it writes.', holds: z.string(), type: 'text/event-stream' } },
        refusals,
      }),
      // A HEAD would follow a command to its end and say nothing.
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      const { id, command } = request.params;
      const { from_stdout: stdout = '0', from_stderr: stderr = '0', follow } = request.query;
      const stream = clientStream(reply.raw);
      using _slot = slotOf(caller.account);
      await withSandbox({ deps, opened, caller, id, signal: stream.gone, streams: true }, async ({ sandbox }) => {
        const handle = await inTime(sandbox.commands.connect(command));
        beginAnswer(reply, 'text/event-stream');
        using token = watchToken(deps, { authorization: request.headers.authorization, scope: 'sandboxes:read' });
        const error = await followCommand({
          handle,
          stream,
          from: positionOf(request.headers['last-event-id']?.toString()) ?? {
            stdout: Number(stdout),
            stderr: Number(stderr),
          },
          follow: follow === 'true',
          isRunning: async () => (await commandOf(sandbox, command)).state === 'running',
          stop,
          over: token.over,
          log: request.log,
        });
        await noteEnd({ deps, opened, id }, error);
      });
    },
  );

  app.post(
    `${url}/:id/commands/:command/kill`,
    operation({
      id: 'killSandboxCommand',
      tag: 'sandboxes',
      summary: 'End a command with all its processes, or send it one signal',
      access: needs('sandboxes:write'),
      params: byCommand,
      body: killBody,
      answers: { 204: { means: 'It was sent.' } },
      refusals,
    }),
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      const { id, command } = request.params;
      const { signal, grace_ms: graceMs } = request.body ?? {};
      await withSandbox({ deps, opened, caller, id }, async ({ sandbox }) => {
        const handle = await sandbox.commands.connect(command);
        await handle.kill({
          ...(signal === undefined ? {} : { signal: signal as NodeJS.Signals }),
          ...(graceMs === undefined ? {} : { graceMs }),
        });
      });
      return reply.code(204).send();
    },
  );
}

async function commandOf(sandbox: Sandbox, id: string) {
  const found = (await sandbox.commands.list()).find((one) => one.id === id);
  if (!found) throw new sandboxErrors.CommandUnknown({ id });
  return found;
}

function graceOf({ grace_ms: graceMs }: { readonly grace_ms?: number | undefined }) {
  return graceMs === undefined ? {} : { graceMs };
}
