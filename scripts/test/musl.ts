import { chosenFiles } from './has-files.ts';
import { lackingFor, type Lacking } from './lacking.ts';
import { progress } from './progress.ts';
import type { TierName } from './tiers.ts';

/** What compiles the runner of sandboxes, and the Debian packages that have it. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = { gcc: ['gcc', 'libc6-dev'], 'musl-gcc': ['musl-tools'] };

/** Whether a test of the tier that is going to run starts the runner of sandboxes, which is compiled for it. */
export function needsMusl(root: string, tier: TierName, chosen: readonly string[]): boolean {
  return chosenFiles(root, tier, chosen).some((file) => file.includes('sandbox'));
}

/** Installs the compilers where they are missing and there is an apt. Throws only when the run is interrupted. */
export async function provideMusl(say: (line: string) => void, signal: AbortSignal): Promise<Lacking | undefined> {
  // Only here: other runs start faster without it.
  const { alone, aptOptions, findProgram, run, step } = await import('@ephemera/local-cluster/machinery');
  const missing = async (): Promise<string[]> => {
    const found = await Promise.all(Object.keys(PROGRAMS).map(async (name) => ({ name, at: await findProgram(name) })));
    return found.filter(({ at }) => at === undefined).map(({ name }) => name);
  };
  if ((await missing()).length === 0) return undefined;
  const apt = await findProgram('apt-get');
  if (apt === undefined)
    return { outcome: 'skipped', reason: `${(await missing()).join(' and ')} are not on this machine.` };
  const report = progress(say);
  try {
    await alone('compilers of the runner', { report, signal }, async () => {
      const packages = (await missing()).flatMap((name) => PROGRAMS[name] ?? []);
      if (packages.length === 0) return;
      await step(report, `packages: ${packages.join(' ')}`, async () => {
        const options = aptOptions(signal);
        await run(apt, ['update', '-q'], options);
        const install = ['install', '-q', '-o', 'DPkg::Lock::Timeout=120', '-y', '--no-install-recommends'];
        await run(apt, [...install, ...packages], options);
      });
    });
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return lackingFor(error);
  }
}
