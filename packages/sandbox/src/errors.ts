import { defineError } from '@ephemera/model';

/** One thing that is wrong with what was asked for. */
export interface Problem {
  readonly path: string;
  readonly problem: string;
  readonly fix: string;
}

export const SandboxInvalid = defineError<{ what: string; problems: readonly Problem[] }>({
  code: 'sandbox.invalid',
  retryable: false,
  message: ({ what, problems }) =>
    `${what} is not possible: ${problems.map(({ path, problem }) => `${path} ${problem}`).join('; ')}.`,
  hint: ({ problems }) => `Instead: ${problems.map(({ path, fix }) => `${path}: ${fix}`).join('; ')}`,
});

export const SandboxNotFound = defineError<{ id: string }>({
  code: 'sandbox.not_found',
  retryable: false,
  message: ({ id }) => `There is no sandbox ${id}.`,
  hint: 'It may have ended; the ids of those that live are in: npx ephemera sandbox list.',
});

export const SandboxNotYours = defineError<{ id: string; owner: string }>({
  code: 'sandbox.not_yours',
  retryable: false,
  message: ({ id, owner }) => `Sandbox ${id} belongs to ${owner}.`,
  hint: 'Use it the way it was made: by the server that made it, or with the credentials of its owner.',
});

export const NameTaken = defineError<{ name: string; id: string }>({
  code: 'sandbox.name_taken',
  retryable: false,
  message: ({ name, id }) => `There is a sandbox of the name ${name} already: ${id}.`,
  hint: 'Sandbox.getOrCreate gives the one that is there; or choose another name.',
});

export const NotStarted = defineError<object>({
  code: 'sandbox.not_started',
  retryable: false,
  message: () => 'The sandbox is not there: init has not been called, or has failed, or teardown was called.',
  hint: 'Call init, and wait for it.',
});

export const StartFailed = defineError<{
  image: string;
  diagnosis: string;
  reason: string;
  remedy: string;
  again: boolean;
}>({
  code: 'sandbox.start_failed',
  retryable: false,
  message: ({ image, reason }) => `The sandbox with ${image} does not start: ${reason}`,
  hint: ({ remedy }) => remedy,
});

export const StartTimeout = defineError<{ image: string; timeoutMs: number; reason: string }>({
  code: 'sandbox.start_timeout',
  retryable: true,
  message: ({ image, timeoutMs, reason }) =>
    `The sandbox with ${image} did not start within ${timeoutMs} ms: ${reason}`,
  hint: 'Try again, or give startTimeoutMs more time.',
});

export const IsolationMissing = defineError<{ wanted: string }>({
  code: 'sandbox.isolation_missing',
  retryable: false,
  message: ({ wanted }) => `The cluster started the sandbox without ${wanted}.`,
  hint: 'The cluster is too old for it, or its nodes cannot do it: ask without, or use other nodes.',
});

export const SandboxGone = defineError<{ id: string; reason: string }>({
  code: 'sandbox.gone',
  retryable: false,
  message: ({ id, reason }) => `Sandbox ${id} is gone: ${reason}`,
  hint: 'What ran in it has no result. Make another sandbox.',
});

export const SandboxExpired = defineError<{ id: string; reason: string }>({
  code: 'sandbox.expired',
  retryable: false,
  message: ({ id, reason }) => `The time of sandbox ${id} is over: ${reason}`,
  hint: 'Give it more with timeoutMs, or with extend while it lives.',
});

export const SandboxEvicted = defineError<{ id: string; reason: string }>({
  code: 'sandbox.evicted',
  retryable: true,
  message: ({ id, reason }) => `Sandbox ${id} was removed from its node: ${reason}`,
  hint: 'What ran in it has no result. Make another one; where the reason names a limit of the sandbox, raise it.',
});

export const SandboxOutOfMemory = defineError<{ id: string }>({
  code: 'sandbox.out_of_memory',
  retryable: false,
  message: ({ id }) => `Sandbox ${id} used more memory than its limit, and the kernel ended it.`,
  hint: 'Raise resources.limits.memory, or use less.',
});

/** Nothing is known about what ran: not that it failed, and not that it went well. */
export const SandboxLost = defineError<{ id: string; forMs: number; problem: string }>({
  code: 'sandbox.lost',
  retryable: true,
  message: ({ id, forMs, problem }) =>
    `Sandbox ${id} could not be reached for ${Math.round(forMs / 1000)} s: ${problem}`,
  hint: 'What runs in it goes on: connect to the sandbox and to the command again by their ids.',
});

export const HandleClosed = defineError<{ id: string }>({
  code: 'sandbox.handle_closed',
  retryable: false,
  message: ({ id }) => `This handle of sandbox ${id} was closed.`,
  hint: 'What runs in it goes on while it lives: connect to it again by its id.',
});

export const SandboxRestarted = defineError<{ id: string }>({
  code: 'sandbox.restarted',
  retryable: false,
  message: ({ id }) => `Sandbox ${id} was started anew meanwhile, and what ran in it has no result.`,
});

export const ProtocolMismatch = defineError<{ problem: string }>({
  code: 'sandbox.protocol',
  retryable: false,
  message: ({ problem }) => `The runner in the sandbox and this client do not understand each other: ${problem}.`,
  hint: 'Use the version of the client that made the sandbox.',
});

export const CommandNotStarted = defineError<{ program: string; problem: string }>({
  code: 'sandbox.command_not_started',
  retryable: false,
  message: ({ program, problem }) => `${program} cannot be run: ${problem}.`,
  hint: 'Check its name and path in the image; a command of several words is a list, and a line for a shell is for commands.shell.',
});

export const CommandUnknown = defineError<{ id: string }>({
  code: 'sandbox.command_unknown',
  retryable: false,
  message: ({ id }) => `The sandbox knows no command ${id}.`,
  hint: 'It keeps the last ended ones only; commands.list has those that it knows.',
});

/** The runner could not do it, for a reason that has no error of its own: too many commands, no memory, no disk. */
export const SandboxRefused = defineError<{ what: string; problem: string }>({
  code: 'sandbox.refused',
  retryable: true,
  message: ({ what, problem }) => `The sandbox refused ${what}: ${problem}.`,
  hint: 'Run less at once, or give the sandbox more memory and disk.',
});

export const CommandOutOfMemory = defineError<{ program: string; exitCode: number; stdout: string; stderr: string }>({
  code: 'sandbox.command_out_of_memory',
  retryable: false,
  message: ({ program, exitCode }) =>
    `While ${program} ran the kernel killed a process for memory, so its exit code ${exitCode} is no result.`,
  hint: 'Raise resources.limits.memory, or use less. The ends of both outputs are in the details.',
});

export const CommandDiskFull = defineError<{ program: string; exitCode: number }>({
  code: 'sandbox.command_disk_full',
  retryable: false,
  message: ({ program, exitCode }) =>
    `There was no disk to keep the output of ${program}, which ended with ${exitCode}.`,
  hint: 'Raise resources.limits.ephemeralStorage, or write less.',
});

export const OutputLost = defineError<{ stream: string; from: number; to: number }>({
  code: 'sandbox.output_lost',
  retryable: false,
  message: ({ stream, from, to }) => `Bytes ${from} to ${to} of ${stream} are no longer kept.`,
  hint: 'Read while the command runs, or send the output to a file.',
});

export const StdinClosed = defineError<{ id: string }>({
  code: 'sandbox.stdin_closed',
  retryable: false,
  message: ({ id }) => `Command ${id} reads nothing more.`,
  hint: 'Start it with stdin: true, and write before closeStdin and before it ends.',
});

export const FileProblem = defineError<{ path: string; kind: FileProblemKind; problem: string }>({
  code: 'sandbox.file',
  retryable: false,
  message: ({ path, problem }) => `${path}: ${problem}.`,
  // oxlint-disable-next-line typescript/no-unnecessary-template-expression -- the reference page is made of literals and templates
  hint: ({ kind }) => `${fileHints[kind]}`,
});

export type FileProblemKind =
  | 'missing'
  | 'outside'
  | 'folder'
  | 'no_folder'
  | 'no_file'
  | 'denied'
  | 'no_space'
  | 'too_big'
  | 'too_many'
  | 'loop'
  | 'exists'
  | 'changed'
  | 'no_text'
  | 'name'
  | 'interrupted'
  | 'io';

const fileHints: Readonly<Record<FileProblemKind, string>> = {
  missing: 'files.list shows what is there.',
  outside: 'Use a path below the work folder, or an absolute one where that is meant.',
  folder: 'It is a folder: use files.list, files.download or files.remove.',
  no_folder: 'A part of the path is no folder.',
  no_file: 'Only files, folders and links are read and written: no devices, pipes or sockets.',
  denied: 'The user of the sandbox may not do this: use the work folder, or readOnlyRoot: false and another user.',
  no_space: 'Give the sandbox more with disk.size.',
  too_big: 'Use files.stream or files.download.',
  too_many: 'List its folders one by one, or let a command in the sandbox list it.',
  loop: 'Remove a link of the path.',
  exists: 'Remove what is there first.',
  changed: 'It was written to meanwhile: read it again when that is over.',
  no_text: 'Use files.read for bytes.',
  name: 'Names have 1 to 255 bytes, without NUL and /.',
  interrupted: 'Content that can be read twice (bytes, text, a local file) is sent again by itself; give it that way.',
  io: 'The disk of the sandbox does not work; see its node.',
};

export const LocalFileProblem = defineError<{ path: string; problem: string }>({
  code: 'sandbox.local_file',
  retryable: false,
  message: ({ path, problem }) => `${path} on this machine: ${problem}.`,
});

/** Decided before the first byte is copied: nothing has been written. */
export const TransferRefused = defineError<{ folder: string; refused: readonly { path: string; problem: string }[] }>({
  code: 'sandbox.transfer_refused',
  retryable: false,
  message: ({ folder, refused }) =>
    `${folder} is not copied: ${refused
      .slice(0, 5)
      .map(({ path, problem }) => `${path} ${problem}`)
      .join('; ')}${refused.length > 5 ? `; and ${refused.length - 5} more` : ''}.`,
  hint: 'Remove them, or copy folders without them. Links are copied where they are relative and stay inside of the folder.',
});

export const PortRefused = defineError<{ port: number; problem: string }>({
  code: 'sandbox.port_refused',
  retryable: true,
  message: ({ port, problem }) => `Nothing answers at port ${port} in the sandbox: ${problem}.`,
  hint: 'Wait for it with waitForPort; the program has to listen at 127.0.0.1, ::1 or all addresses.',
});

/** A connection to a program cannot be resumed: nobody knows what of the last bytes it has read. */
export const ConnectionBroken = defineError<{ port: number; problem: string }>({
  code: 'sandbox.connection_broken',
  retryable: true,
  message: ({ port, problem }) => `The connection to port ${port} in the sandbox broke: ${problem}.`,
  hint: 'Connect again.',
});

export const LocalPortUnusable = defineError<{ port: number; problem: string }>({
  code: 'sandbox.local_port',
  retryable: false,
  message: ({ port, problem }) => `Port ${port} of this machine cannot be used: ${problem}.`,
  hint: 'Give another localPort, or none: then a free one is taken.',
});

export const WaitTimeout = defineError<{ what: string; timeoutMs: number; last: string }>({
  code: 'sandbox.wait_timeout',
  retryable: true,
  message: ({ what, timeoutMs, last }) => `${what} did not come within ${timeoutMs} ms: ${last}.`,
});

export const LogEnded = defineError<{ id: string; pattern: string; last: string }>({
  code: 'sandbox.log_ended',
  retryable: false,
  message: ({ id, pattern, last }) =>
    `Command ${id} ended and has not written ${pattern}${last === '' ? '' : `; its last words: ${last}`}.`,
  hint: 'It failed early, or writes something else: see handle.logs and handle.wait.',
});

export const RunnerMissing = defineError<{ arch: string; problem: string }>({
  code: 'sandbox.runner_missing',
  retryable: false,
  message: ({ arch, problem }) => `There is no runner for ${arch}: ${problem}.`,
  hint: 'It is built from packages/sandbox/runner with musl-gcc (Debian: apt-get install gcc musl-tools), on a machine of that architecture.',
});

export const TooManyStreams = defineError<{ most: number }>({
  code: 'sandbox.too_many_streams',
  retryable: true,
  message: ({ most }) => `This process has ${most} streams to sandboxes already.`,
  hint: 'Dispose of sandboxes that are no longer used.',
});
