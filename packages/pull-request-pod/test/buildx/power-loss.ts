import { readFile, readdir } from 'node:fs/promises';

/**
 * Ends every process of a job's container from outside, as a node does that loses its power: no trap runs, and nobody says goodbye.
 * The local cluster's processes are this machine's, and the job's have its name in their environment, which no builder has.
 */
export async function killProcessesOf(jobName: string): Promise<number> {
  const ids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    ids.map(async (id) => {
      // Most belong to nobody here, and some end in between.
      const environment = await readFile(`/proc/${id}/environ`, 'latin1').catch(() => '');
      return environment.split('\0').includes(`JOB_NAME=${jobName}`) ? [Number(id)] : [];
    }),
  );
  const processes = found.flat();
  for (const id of processes) {
    try {
      process.kill(id, 'SIGKILL');
    } catch (error) {
      // The first one of a container takes the others with it.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return processes.length;
}
