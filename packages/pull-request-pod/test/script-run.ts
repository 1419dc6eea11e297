import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';

/** How the docker client of a test behaves; the real one needs a cluster, in which the other tests run it. */
interface Client {
  /** Driver options that this version of buildx refuses. */
  readonly refuses?: readonly string[];
  /** The command that never ends by itself. */
  readonly hangs?: 'create' | 'build';
  readonly fails?: readonly ('create' | 'build' | 'rm')[];
}

export interface ScriptRun extends AsyncDisposable {
  /** Waits until the client runs the command that hangs, and returns the id of its process. */
  hanging(): Promise<number>;
  /** A signal to the shell alone, as a kubelet sends it. */
  signal(name: 'SIGTERM' | 'SIGINT'): void;
  readonly ended: Promise<ScriptEnd>;
}

export interface ScriptEnd {
  readonly code: number | null;
  readonly out: string;
  readonly problem: string;
  /** The arguments of each call of `docker`. */
  readonly calls: readonly (readonly string[])[];
  /** The Dockerfile and the config.json that the build saw, and everything that is called like a file beside that Dockerfile. */
  readonly dockerfile: string | undefined;
  readonly besideDockerfile: Readonly<Record<string, string>>;
  readonly dockerConfig: string | undefined;
  /** What is left in the folder for temporary files, and what was made in the folder in which the shell began. */
  readonly left: readonly string[];
}

/** A docker client that notes its arguments. Written out per run: its behaviour is fixed, only the environment differs. */
const client = `#!/bin/sh
{ for word in "$@"; do printf '%s\\037' "$word"; done; echo; } >>"$FAKE/calls"
command=$2
if [ "$command" = create ]; then
  for word in $FAKE_REFUSES; do
    case "$*" in *"$word="*) echo "ERROR: failed to initialize builder: invalid driver option $word for driver kubernetes" >&2; exit 1 ;; esac
  done
fi
if [ "$command" = build ]; then
  file=Dockerfile
  while [ $# -gt 0 ]; do [ "$1" = -f ] && file=$2; shift; done
  cat "$file" >"$FAKE/Dockerfile"
  case "$file" in */*) cp -R "\${file%/*}" "$FAKE/beside" ;; esac
  [ -z "\${DOCKER_CONFIG-}" ] || cat "$DOCKER_CONFIG/config.json" >"$FAKE/config.json"
fi
if [ "$command" = "$FAKE_HANGS" ]; then echo $$ >"$FAKE/pid.new"; mv "$FAKE/pid.new" "$FAKE/pid"; exec sleep 600; fi
case " $FAKE_FAILS " in *" $command "*) echo "ERROR: no $command" >&2; exit 3 ;; esac
exit 0
`;

/** Starts a script under the system's shell, as the leader of a process group, as it is in a container. */
export function startScript(script: string, env: Readonly<Record<string, string>>, behaviour: Client = {}): ScriptRun {
  const folder = mkdtempSync(path.join(tmpdir(), 'pr-job-script-'));
  const at = (name: string) => path.join(folder, name);
  for (const name of ['bin', 'fake', 'tmp', 'begin', 'home']) mkdirSync(at(name));
  writeFileSync(at('bin/docker'), client);
  chmodSync(at('bin/docker'), 0o755);
  const child = spawn('sh', ['-c', script], {
    cwd: at('begin'),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${at('bin')}:${process.env['PATH']}`,
      HOME: at('home'),
      TMPDIR: at('tmp'),
      FAKE: at('fake'),
      FAKE_REFUSES: (behaviour.refuses ?? []).join(' '),
      FAKE_HANGS: behaviour.hangs ?? '',
      FAKE_FAILS: (behaviour.fails ?? []).join(' '),
      JOB_NAME: 'pr-job-a-1767225600000',
      NAMESPACE: 'builds',
      SERVICE_ACCOUNT: 'a-buildx-sa',
      BUILDER_RESOURCES: 'limits.cpu=2,limits.memory=4Gi',
      BUILDER_LABELS: 'created-by=catalyst-web-app,pr-name=a',
      BUILDER_ROOTLESS: 'true',
      ...env,
    },
  });
  const seen = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : undefined);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const exit = new Promise<number | null>((resolve, reject) => child.once('exit', resolve).once('error', reject));
  return {
    hanging: () =>
      vi.waitFor(() => {
        const pid = Number(seen('fake/pid'));
        expect(pid).toBeGreaterThan(0);
        return pid;
      }, 10_000),
    signal: (name) => void child.kill(name),
    ended: exit.then(async (code) => {
      const [out, problem] = await output;
      const calls = (seen('fake/calls') ?? '').split('\n').filter((line) => line !== '');
      return {
        code,
        out,
        problem,
        calls: calls.map((line) => line.split('\u001F').slice(0, -1)),
        dockerfile: seen('fake/Dockerfile'),
        besideDockerfile: filesIn(at('fake/beside')),
        dockerConfig: seen('fake/config.json'),
        left: [...readdirSync(at('tmp')), ...readdirSync(at('begin')), ...readdirSync(at('home'))],
      };
    }),
    [Symbol.asyncDispose]: async () => {
      endGroup(child.pid);
      await exit;
      rmSync(folder, { recursive: true });
    },
  };
}

function filesIn(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}

/** Runs it to its end. */
export async function runScript(...[script, env, behaviour]: Parameters<typeof startScript>): Promise<ScriptEnd> {
  await using run = startScript(script, env, behaviour);
  return await run.ended;
}

/** What a shell that was killed leaves, such as a timer; a container ends with its first process. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
