import { sandboxErrors, type Problem } from '@ephemera/sandbox';
import { BadInput } from '../../errors.ts';

/** What a field of the package's functions is on the command line; `fix` where its own advice speaks of another unit. */
interface Told {
  readonly flag: string;
  readonly fix?: string;
}

const ofSandbox: Readonly<Record<string, Told>> = {
  image: { flag: 'IMAGE' },
  name: { flag: '--name' },
  env: { flag: '--env' },
  'resources.limits.cpu': { flag: '--cpu' },
  'resources.limits.memory': { flag: '--memory' },
  'disk.size': { flag: '--disk' },
  timeoutMs: { flag: '--lifetime', fix: 'give 1s to 168h.' },
  startTimeoutMs: { flag: '--start-timeout', fix: 'give 1s to 1h.' },
  user: { flag: '--user' },
  network: { flag: '--allow' },
  runtimeClassName: { flag: '--runtime-class' },
  hostUsers: { flag: '--user-namespace' },
  serviceAccountName: { flag: '--service-account' },
};

const ofCommand: Readonly<Record<string, Told>> = {
  argv: { flag: 'the command' },
  cwd: { flag: '--cwd' },
  env: { flag: '--env' },
  timeoutMs: { flag: '--timeout', fix: 'give 1ms to 168h.' },
};

/** What the package refuses about a sandbox, in the flags of the command. Throws `cli.bad_input`, and everything else as it is. */
export function inSandboxFlags<Result>(work: Promise<Result>): Promise<Result> {
  return work.catch((error: unknown) => {
    throw inWords(error, ofSandbox);
  });
}

/** The same about a command. */
export function inCommandFlags<Result>(work: Promise<Result>): Promise<Result> {
  return work.catch((error: unknown) => {
    throw inWords(error, ofCommand);
  });
}

function inWords(error: unknown, flags: Readonly<Record<string, Told>>): unknown {
  if (!(error instanceof sandboxErrors.SandboxInvalid)) return error;
  const lines = (error.details['problems'] as readonly Problem[]).map((problem) => lineOf(problem, flags));
  return new BadInput({ problem: ['This cannot be used:', ...lines].join('\n') }, { cause: error });
}

/** `resources.limits.cpu`, `env["A"]` and `network.allow[0].cidr` belong to the longest name that they begin with. Pure. */
function lineOf({ path, problem, fix }: Problem, flags: Readonly<Record<string, Told>>): string {
  const name = Object.keys(flags).find((known) => path === known || new RegExp(`^${known}[.[]`).test(path));
  const told = flags[name ?? ''];
  return `- ${told?.flag ?? path} ${problem}: ${told?.fix ?? fix}`;
}
