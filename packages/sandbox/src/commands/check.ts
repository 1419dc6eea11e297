import { type Problem, SandboxInvalid } from '../errors.ts';
import { MOST_TO_RUNNER } from '../wire/limits.ts';
import type { CommandOptions, LogOptions, RunOptions, StartOptions } from '../commands-api.ts';
import { signalNumber } from './signals.ts';

/** Seven days, as long as a sandbox can live. */
const mostTimeoutMs = 604_800_000;
const mostGraceMs = 3_600_000;
const mostOutputBytes = 256 * 1024 * 1024;
const mostProblems = 20;
const mostPathBytes = 4_095;
/** Of the frame; what else is in it is small. */
const mostStartBytes = MOST_TO_RUNNER - 64 * 1024;
/** By it the runner knows the processes of a command. */
const reservedName = 'EPHEMERA_COMMAND';

type Found = Problem | undefined;

/** Everything that is wrong, at once, up to what a person reads. */
export function refuse(what: string, found: readonly Found[]): void {
  const problems = found.filter((problem) => problem !== undefined).slice(0, mostProblems);
  if (problems.length > 0) throw new SandboxInvalid({ what, problems });
}

export function checkArgv(argv: unknown): readonly Found[] {
  const fix = "Give a list with the program first, as ['npm', 'test']; a line for a shell is for commands.shell.";
  if (!Array.isArray(argv)) return [{ path: 'argv', problem: 'is no list', fix }];
  if (argv.length === 0 || argv[0] === '') return [{ path: 'argv[0]', problem: 'names no program', fix }];
  return argv.map((argument: unknown, index) => textProblem(`argv[${index}]`, argument));
}

/**
 * Names are taken as the kernel takes them: anything but empty, `=` and NUL. The same for a sandbox and for one command; of neither more than one
 * frame holds. Values may be secret: none of them is shown.
 */
export function checkEnv(env: unknown): readonly Found[] {
  if (env === undefined) return [];
  const fix = "Give an object of texts, as { NAME: 'value' }.";
  if (typeof env !== 'object' || env === null || Array.isArray(env))
    return [{ path: 'env', problem: 'is no object', fix }];
  const found = Object.entries(env).flatMap(([name, value]: [string, unknown]) => {
    const path = `env[${JSON.stringify(name.slice(0, 100))}]`;
    return [nameProblem(path, name), textProblem(path, value)];
  });
  return found.some((problem) => problem) ? found : [sizeProblem('env', [], env as Readonly<Record<string, string>>)];
}

/** The environment of a sandbox, before anything is made. Throws `sandbox.invalid`. */
export function assertEnv(env: unknown): void {
  refuse('This sandbox', checkEnv(env));
}

/** What is the same for `run` and `start`. */
export function checkCommand(argv: unknown, options: CommandOptions): readonly Found[] {
  const { cwd, env, timeoutMs, graceMs } = options;
  const found = [
    ...checkArgv(argv),
    ...checkEnv(env),
    cwd === undefined ? undefined : cwdProblem(cwd),
    wholeProblem('timeoutMs', timeoutMs, { least: 1, most: mostTimeoutMs, unit: 'milliseconds' }),
    wholeProblem('graceMs', graceMs, { least: 0, most: mostGraceMs, unit: 'milliseconds' }),
  ];
  return found.some((problem) => problem) ? found : [sizeProblem('argv', argv as readonly string[], env ?? {})];
}

export function checkId(id: unknown): readonly Found[] {
  if (id === undefined || (typeof id === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(id))) return [];
  return [
    { path: 'id', problem: 'is no id of a command', fix: 'Give 1 to 64 of A-Z, a-z, 0-9, _ and -, or leave it out.' },
  ];
}

export function checkOffset(offset: unknown): readonly Found[] {
  return [wholeProblem('offset', offset, { least: 0, most: Number.MAX_SAFE_INTEGER, unit: 'bytes' })];
}

export function checkMost(most: unknown): readonly Found[] {
  return [wholeProblem('most', most, { least: 0, most: Number.MAX_SAFE_INTEGER, unit: 'entries' })];
}

export function checkCollect(options: Pick<RunOptions, 'onStdout' | 'onStderr' | 'maxOutputBytes'>): readonly Found[] {
  return [
    wholeProblem('maxOutputBytes', options.maxOutputBytes, { least: 0, most: mostOutputBytes, unit: 'bytes' }),
    functionProblem('onStdout', options.onStdout),
    functionProblem('onStderr', options.onStderr),
  ];
}

export function checkStdin(stdin: unknown): readonly Found[] {
  const fits =
    stdin === undefined ||
    typeof stdin === 'string' ||
    stdin instanceof Uint8Array ||
    (typeof stdin === 'object' && stdin !== null && Symbol.asyncIterator in stdin);
  return [
    fits
      ? undefined
      : {
          path: 'stdin',
          problem: 'is neither text, bytes nor an async iterable',
          fix: 'Give a text, a Uint8Array, or a stream of them.',
        },
  ];
}

export function checkSize(size: StartOptions['terminal']): readonly Found[] {
  if (size === undefined) return [];
  const range = { least: 1, most: 65_535, unit: 'characters', required: true };
  return [wholeProblem('rows', size.rows, range), wholeProblem('columns', size.columns, range)];
}

export function checkKill(options: { readonly signal?: unknown; readonly graceMs?: unknown }): readonly Found[] {
  const { signal, graceMs } = options;
  const known = signal === undefined || (typeof signal === 'string' && signalNumber(signal) !== undefined);
  return [
    known ? undefined : { path: 'signal', problem: 'is no signal of Linux', fix: 'Use a name as SIGINT.' },
    wholeProblem('graceMs', graceMs, { least: 0, most: mostGraceMs, unit: 'milliseconds' }),
  ];
}

export function checkFrom(from: LogOptions['from'] = {}): readonly Found[] {
  const range = { least: 0, most: Number.MAX_SAFE_INTEGER, unit: 'bytes' };
  return [wholeProblem('from.stdout', from.stdout, range), wholeProblem('from.stderr', from.stderr, range)];
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  readonly required?: boolean;
}

function wholeProblem(path: string, value: unknown, { least, most, unit, required = false }: Range): Found {
  if (value === undefined && !required) return undefined;
  if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) return undefined;
  return {
    path,
    problem: `is ${String(value)}`,
    fix: `Give a whole number of ${least} to ${most} ${unit}${required ? '' : ', or leave it out'}.`,
  };
}

function functionProblem(path: string, value: unknown): Found {
  if (value === undefined || typeof value === 'function') return undefined;
  return { path, problem: 'is no function', fix: 'Give a function of the bytes, or leave it out.' };
}

function textProblem(path: string, value: unknown): Found {
  if (typeof value !== 'string') return { path, problem: `is no text but ${typeof value}`, fix: 'Give a string.' };
  if (value.includes('\0'))
    return { path, problem: 'contains NUL', fix: 'No program can get it: pass such data by stdin or in a file.' };
  // It would arrive as another character than the one that was given.
  if (!value.isWellFormed())
    return { path, problem: 'contains half of a surrogate pair', fix: 'Pass what is no text by stdin or in a file.' };
  return undefined;
}

function nameProblem(path: string, name: string): Found {
  if (name === '' || name.includes('='))
    return { path, problem: 'is no name of a variable', fix: 'Names are not empty and have no =.' };
  if (name === reservedName) return { path, problem: 'is reserved', fix: 'Use another name.' };
  return textProblem(path, name);
}

function cwdProblem(cwd: unknown): Found {
  if (cwd === '') return { path: 'cwd', problem: 'is empty', fix: 'Leave it out for the work folder.' };
  const problem = textProblem('cwd', cwd);
  if (problem || Buffer.byteLength(cwd as string) <= mostPathBytes) return problem;
  return { path: 'cwd', problem: `is longer than ${mostPathBytes} bytes`, fix: 'No path of Linux is that long.' };
}

function sizeProblem(path: 'argv' | 'env', argv: readonly string[], env: Readonly<Record<string, string>>): Found {
  let bytes = 0;
  for (const argument of argv) bytes += Buffer.byteLength(argument) + 4;
  for (const [name, value] of Object.entries(env)) bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 5;
  if (bytes <= mostStartBytes) return undefined;
  return {
    path,
    problem: `${path === 'env' ? 'has' : 'and env have'} ${bytes} bytes, more than ${mostStartBytes}`,
    fix: 'Pass big data by stdin or in a file.',
  };
}
