import type { FakeProgram } from '../../src/testing/index.ts';

/** One behaviour twice: as a script for `/bin/sh` with busybox's tools, its arguments in `$1` and so on, and as a program of the fake. */
interface ContractProgram {
  readonly script: string;
  readonly fake: FakeProgram;
}

const number = (text: string | undefined) => Number(text ?? '0');

export const programs = {
  /** Ends with this code. */
  exit: { script: 'exit "$1"', fake: ({ argv }) => number(argv[1]) },
  /** Writes the first to stdout, the second to stderr, and ends with the third. */
  say: {
    script: 'printf %s "$1"; printf %s "$2" >&2; exit "${3:-0}"',
    fake: async ({ argv, stdout, stderr }) => {
      await stdout.write(argv[1] ?? '');
      await stderr.write(argv[2] ?? '');
      return number(argv[3]);
    },
  },
  /** Ends itself by a signal, `KILL` or another. */
  die: {
    script: 'kill -"$1" $$; sleep 100',
    fake: async (process) => {
      process.kill(process.pid, `SIG${process.argv[1]}` as NodeJS.Signals);
      await process.forEver();
    },
  },
  /** Writes back what it reads. */
  cat: {
    script: 'exec cat',
    fake: async ({ stdin, stdout }) => {
      for await (const bytes of stdin) await stdout.write(bytes);
    },
  },
  /** Its arguments, a NUL after each. */
  args: {
    script: 'for one in "$@"; do printf "%s\\0" "$one"; done',
    fake: async ({ argv, stdout }) => {
      for (const one of argv.slice(1)) await stdout.write(`${one}\0`);
    },
  },
  /** A line, over and over, so many bytes in all; then ends with the third. */
  flood: {
    script: 'yes "$1" | head -c "$2"; exit "${3:-0}"',
    fake: async ({ argv, stdout }) => {
      for (const piece of flood(argv[1] ?? '', number(argv[2]))) await stdout.write(piece);
      return number(argv[3]);
    },
  },
  /** Writes `line 1` and so on, until somebody makes the file; then `last`, and ends with the second. */
  untilFile: {
    script: 'i=0; until [ -e "$1" ]; do i=$((i+1)); echo "line $i"; sleep 0.02; done; echo last; exit "$2"',
    fake: async ({ argv, stdout, files, sleep }) => {
      for (let line = 1; !files.exists(argv[1] ?? ''); line += 1) {
        await stdout.write(`line ${line}\n`);
        await sleep(5);
      }
      await stdout.write('last\n');
      return number(argv[2]);
    },
  },
  /** Does nothing, for ever. */
  wait: { script: 'exec sleep 100000', fake: ({ forEver }) => forEver() },
  /** Says `ready`, and ends with 7 at SIGTERM. */
  polite: {
    script: 'trap "exit 7" TERM; echo ready; while :; do sleep 100 & wait $!; done',
    fake: async ({ stdout, forEver, onSignal, exit }) => {
      onSignal('SIGTERM', () => exit(7));
      await stdout.write('ready\n');
      await forEver();
    },
  },
  /** Says `ready`, and at SIGTERM ends with 0, as if its work were done. */
  pretend: {
    script: 'trap "exit 0" TERM; echo ready; while :; do sleep 100 & wait $!; done',
    fake: async ({ stdout, forEver, onSignal, exit }) => {
      onSignal('SIGTERM', () => exit(0));
      await stdout.write('ready\n');
      await forEver();
    },
  },
  /** Says `ready`, says `told` at SIGTERM, and stays. */
  defiant: {
    script: 'trap "echo told" TERM; echo ready; while :; do sleep 100 & wait $!; done',
    fake: async ({ stdout, forEver, onSignal }) => {
      onSignal('SIGTERM', () => stdout.write('told\n'));
      await stdout.write('ready\n');
      await forEver();
    },
  },
  /** A tree of three that ignores SIGTERM; the last one leads a session of its own. Says `ready` when all are there. */
  stubborn: {
    script:
      'trap "" TERM; sh -c \'setsid sh -c "echo ready; exec sleep 100000" & exec sleep 100000\' & while :; do sleep 100000; done',
    fake: async ({ spawn, onSignal, forEver }) => {
      onSignal('SIGTERM', 'ignore');
      spawn(['stubbornChild']);
      await forEver();
    },
  },
  stubbornChild: {
    script: 'exit 99',
    fake: async ({ spawn, forEver }) => {
      spawn(['stubbornGrandchild'], { session: true });
      await forEver();
    },
  },
  stubbornGrandchild: {
    script: 'exit 99',
    fake: async ({ stdout, forEver }) => {
      await stdout.write('ready\n');
      await forEver();
    },
  },
  /** Leaves a process behind that holds its output open, and ends with 5. */
  leaveBehind: {
    script: 'sleep 100000 & echo left; exit 5',
    fake: async ({ spawn, stdout }) => {
      spawn(['wait']);
      await stdout.write('left\n');
      return 5;
    },
  },
  /** The value of a variable. */
  env: {
    script: 'eval "printf %s \\"\\$$1\\""',
    fake: ({ argv, env, stdout }) => stdout.write(env[argv[1] ?? ''] ?? ''),
  },
  /** How many entries the environment has whose names begin so. */
  envCount: {
    script: 'env | grep -c "^$1"',
    fake: ({ argv, env, stdout }) =>
      stdout.write(`${Object.keys(env).filter((name) => name.startsWith(argv[1] ?? '')).length}\n`),
  },
  pwd: { script: 'pwd', fake: ({ cwd, stdout }) => stdout.write(`${cwd}\n`) },
  /** Makes a file of so many bytes; 1 where that fails. */
  fill: {
    script: 'head -c "$2" /dev/zero > "$1" || exit 1',
    fake: ({ argv, files }) => files.write(argv[1] ?? '', new Uint8Array(number(argv[2]))),
  },
  /** A child uses up all memory and is killed; the program itself ends with 0. */
  starveChild: {
    script: '(tail /dev/zero); exit 0',
    fake: async ({ spawn }) => {
      await spawn(['starve']).wait();
    },
  },
  starve: { script: 'exec tail /dev/zero', fake: ({ outOfMemory }) => outOfMemory() },
  /** Makes a link, a pipe, a folder with hostile names, and so on: see files.ts. */
  link: {
    script: 'ln -s "$2" "$1"',
    fake: ({ argv, files }) => files.link(argv[1] ?? '', argv[2] ?? ''),
  },
  fifo: { script: 'mkfifo "$1"', fake: ({ argv, files }) => files.device(argv[1] ?? '') },
  /** A file whose name is no UTF-8: `caf\xe9`. */
  latinName: {
    script: 'printf x > "$(printf "caf\\351")"',
    fake: ({ files }) => files.write(Buffer.from('caf\xe9', 'latin1'), 'x'),
  },
  /** What a file has, read by a program. */
  show: {
    script: 'cat -- "$1"',
    fake: ({ argv, files, stdout }) => stdout.write(files.read(argv[1] ?? '')),
  },
  /** Answers at a port with what it gets, to one after the other. */
  echoAt: {
    script: 'exec nc -ll -p "$1" -e cat',
    fake: async ({ argv, listen, forEver }) => {
      listen(number(argv[1]), async (socket) => {
        for await (const bytes of socket.readable) await socket.write(bytes);
        socket.end();
      });
      await forEver();
    },
  },
  /** 64 lines that tell who it is, and its number as its code. */
  numbered: {
    script: 'for i in $(seq 1 64); do echo "$1 $i"; done; exit "$1"',
    fake: async ({ argv, stdout }) => {
      for (let line = 1; line <= 64; line += 1) await stdout.write(`${argv[1]} ${line}\n`);
      return number(argv[1]);
    },
  },
} as const satisfies Readonly<Record<string, ContractProgram>>;

export type ProgramName = keyof typeof programs;

/** The same that `flood` writes. */
export function* flood(line: string, bytes: number): Generator<Buffer, void, undefined> {
  const text = Buffer.from(`${line}\n`);
  // Whole lines, so that each piece begins with one.
  const piece = Buffer.alloc(text.length * Math.ceil(65_536 / text.length), text);
  for (let left = bytes; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece;
}

/** All programs, for a fake. */
export function fakePrograms(): Readonly<Record<string, FakeProgram>> {
  return Object.fromEntries(Object.entries(programs).map(([name, { fake }]) => [name, fake]));
}

/** The argv of a program where there is a shell. Its arguments stay arguments: the script is the same whatever they are. */
export function shellArgv(program: ProgramName, args: readonly string[]): string[] {
  return ['/bin/sh', '-c', programs[program].script, program, ...args];
}
