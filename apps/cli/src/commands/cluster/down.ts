import { clusterDown } from '@ephemera/local-cluster';
import { clusterOptions } from '../../cluster-options.ts';
import type { Context } from '../../context.ts';
import { progressPrinter } from '../../progress.ts';

export async function down(this: Context, { name }: { name: string }): Promise<void> {
  const { stderr } = this.process;
  await clusterDown({
    ...clusterOptions(this.environment, name),
    report: progressPrinter(stderr, { quietBelowMs: 1_000 }),
  });
  stderr.write(`The cluster ${name} is down; nothing of it is left outside the cache.\n`);
}
