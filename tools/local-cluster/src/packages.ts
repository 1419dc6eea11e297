import { run, type CommandOptions } from './command.ts';
import { ProgramsMissing } from './errors.ts';
import { findProgram } from './programs.ts';
import { step, type Report } from './progress.ts';

/** A program that only the system's package manager can provide. */
interface Need {
  readonly program: string;
  readonly packages: readonly string[];
  readonly present: () => Promise<boolean>;
}

const minute = 60_000;

function program(name: string, ...packages: string[]): Need {
  return { program: name, packages, present: async () => (await findProgram(name)) !== undefined };
}

/** kube-proxy and the network plugins write their rules through it. */
const toRun: readonly Need[] = [program('iptables', 'iptables'), program('mount', 'mount')];

const toBuild: readonly Need[] = [
  program('gcc', 'gcc', 'libc6-dev'),
  program('pkg-config', 'pkg-config'),
  {
    program: 'the headers of libseccomp',
    packages: ['libseccomp-dev'],
    present: async () => {
      const tool = await findProgram('pkg-config');
      if (tool === undefined) return false;
      return run(tool, ['--exists', 'libseccomp'], { timeoutMs: 10_000 }).then(
        () => true,
        () => false,
      );
    },
  },
];

export interface PackageOptions {
  /** Whether programs with C in them still have to be built. */
  readonly building: boolean;
  readonly report: Report | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Installs what is missing where there is an apt, and says what is missing elsewhere. */
export async function providePackages({ building, report, signal }: PackageOptions): Promise<void> {
  const needs = building ? [...toRun, ...toBuild] : toRun;
  const missing = await absent(needs);
  if (missing.length === 0) return;
  const apt = await findProgram('apt-get');
  if (apt === undefined) throw new ProgramsMissing({ programs: missing.map((need) => need.program) });
  const names = missing.flatMap((need) => need.packages);
  await step(report, `packages: ${names.join(' ')}`, async () => {
    const options = aptOptions(signal);
    await run(apt, ['update', '-q'], options);
    await run(
      apt,
      ['install', '-q', '-o', 'DPkg::Lock::Timeout=120', '-y', '--no-install-recommends', ...names],
      options,
    );
  });
  const still = await absent(needs);
  if (still.length > 0) throw new ProgramsMissing({ programs: still.map((need) => need.program) });
}

async function absent(needs: readonly Need[]): Promise<Need[]> {
  const present = await Promise.all(needs.map((need) => need.present()));
  return needs.filter((_, index) => present[index] !== true);
}

export function aptOptions(signal: AbortSignal | undefined): CommandOptions {
  return { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 5 * minute, signal };
}
