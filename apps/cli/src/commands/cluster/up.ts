import { clusterUp } from '@ephemera/local-cluster';
import { clusterOptions } from '../../cluster-options.ts';
import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { progressPrinter } from '../../progress.ts';

export async function up(this: Context, { name }: { name: string }): Promise<void> {
  const { stdout, stderr } = this.process;
  using interruption = takeSignals(this.process);
  const { kubeconfig, version } = await clusterUp({
    ...clusterOptions(this.environment, name),
    report: progressPrinter(stderr, { quietBelowMs: 1_000 }),
    signal: interruption.signal,
  });
  stderr.write(`Kubernetes ${version} is up. Its kubeconfig:\n`);
  stdout.write(`${kubeconfig}\n`);
}
