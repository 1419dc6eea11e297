import { aptOptions, findProgram, run } from '@ephemera/local-cluster/machinery';

/**
 * Makes sure that these programs are there, which the examples use: where one is missing and there is an apt, the package of its
 * name is installed, as for the local cluster.
 */
export async function providePrograms(...programs: readonly string[]): Promise<void> {
  const missing = await absent(programs);
  if (missing.length === 0) return;
  const apt = await findProgram('apt-get');
  if (apt === undefined) throw new Error(`Install ${missing.join(' and ')}: the examples use them.`);
  const options = aptOptions(undefined);
  await run(apt, ['update', '-q'], options);
  await run(
    apt,
    ['install', '-q', '-o', 'DPkg::Lock::Timeout=120', '-y', '--no-install-recommends', ...missing],
    options,
  );
  const still = await absent(programs);
  if (still.length > 0) throw new Error(`apt has no ${still.join(' and ')}.`);
}

async function absent(programs: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(programs.map(async (program) => ((await findProgram(program)) ? [] : [program])));
  return found.flat();
}
