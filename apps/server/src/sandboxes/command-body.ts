import { shellArgv, type CommandInfo } from '@ephemera/sandbox';
import { z } from 'zod';
import { time } from '../routes/answers/time.ts';
import { environmentBody } from './order.ts';

/** Kernels take 128 KiB in one argument and some megabytes in all; the rest is room for escapes. */
export const commandBodyBytes = 8 * 1024 * 1024;

const ms = z
  .int()
  .min(0)
  .max(7 * 86_400_000);

export const runBody = z
  .strictObject({
    argv: z.array(z.string()).min(1).optional().describe('The program and its arguments, as they are: no shell.'),
    shell: z
      .string()
      .min(1)
      .optional()
      .describe('Instead of `argv`: a line for `/bin/sh -c`, which the image has to have.'),
    id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, _ and -')
      .optional()
      .describe(
        'Of the command. One of this id that is there already is not started again, and closing the connection does not end it, so that this request may be repeated. Default: an id of its own.',
      ),
    cwd: z.string().max(4096).optional().describe('Absolute, or below the work folder. Default: the work folder.'),
    env: environmentBody.optional().describe('In addition to those of the image and of the sandbox.'),
    timeout_ms: ms.optional().describe('Then it is ended with all its processes, and its exit code is 124.'),
    grace_ms: ms.optional().describe('Between SIGTERM and SIGKILL. Default 5,000.'),
    stdin: z.string().optional().describe('What it reads, as text. Default: nothing.'),
    stdin_base64: z.base64().optional().describe('The same as bytes.'),
    keep_stdin: z
      .boolean()
      .optional()
      .describe('Only with `detach`: its standard input stays open, for …/commands/{command}/stdin.'),
    detach: z
      .boolean()
      .default(false)
      .describe('It does not end with this request: the answer is its id, and …/logs has what it writes.'),
  })
  .superRefine(({ argv, shell, stdin, stdin_base64: bytes, keep_stdin: keep, detach }, context) => {
    if ((argv === undefined) === (shell === undefined))
      context.addIssue({ code: 'custom', path: ['argv'], message: 'or shell has to be there, and not both' });
    if (stdin !== undefined && bytes !== undefined)
      context.addIssue({ code: 'custom', path: ['stdin'], message: 'and stdin_base64 cannot both be there' });
    if (keep && !detach)
      context.addIssue({ code: 'custom', path: ['keep_stdin'], message: 'is for commands with detach only' });
  });

export type RunBody = z.infer<typeof runBody>;

export function argvOf({ argv, shell }: RunBody): readonly string[] {
  return argv ?? shellArgv(shell ?? '');
}

/** Undefined: it reads nothing. */
export function stdinOf({ stdin, stdin_base64: bytes }: RunBody): Uint8Array | undefined {
  if (bytes !== undefined) return Buffer.from(bytes, 'base64');
  return stdin === undefined ? undefined : Buffer.from(stdin, 'utf8');
}

export const killBody = z
  .strictObject({
    signal: z
      .string()
      .regex(/^SIG[A-Z0-9]{1,10}$/, 'must be the name of a signal, such as SIGINT')
      .optional()
      .describe('Only this one is sent, once. Default: SIGTERM, and SIGKILL after the grace.'),
    grace_ms: ms.optional().describe('Default 5,000.'),
  })
  .nullable();

const offset = z.string().regex(/^\d{1,15}$/, 'must be a number of bytes');

export const logsQuery = z.strictObject({
  from_stdout: offset.optional().describe('How many bytes of standard output are known already. Default 0.'),
  from_stderr: offset.optional().describe('The same of standard error.'),
  follow: z.enum(['true', 'false']).default('true').describe('false: only what there is now.'),
});

export const logsHeaders = z.looseObject({
  'last-event-id': z.string().optional().describe('The id of the last event that was read: it goes on after it.'),
});

export const stdinQuery = z.strictObject({
  close: z.enum(['true', 'false']).default('false').describe('Whether this was the last of it.'),
  offset: offset
    .optional()
    .describe(
      'How many bytes were sent before: what was taken already is not taken again, so that this request may be repeated. Default: after all that was taken.',
    ),
});

export const commandAnswer = z
  .object({
    id: z.string(),
    argv: z.array(z.string()),
    state: z.enum(['running', 'ended']),
    started_at: time,
    ended_at: time.nullable(),
    exit_code: z.int().nullable(),
  })
  .meta({ id: 'SandboxCommand', description: 'A command of a sandbox, as far as its runner still knows it.' });

export function toCommandAnswer(info: CommandInfo): z.infer<typeof commandAnswer> {
  return {
    id: info.id,
    argv: [...info.argv],
    state: info.state,
    started_at: info.startedAt,
    ended_at: info.endedAt ?? null,
    exit_code: info.exitCode ?? null,
  };
}
