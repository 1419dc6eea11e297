import { clusterUp } from '@ephemera/local-cluster';
import { clusterOptions } from '../../cluster-options.ts';
import type { Context } from '../../context.ts';
import { progressPrinter } from '../../progress.ts';

export async function up(this: Context, { name }: { name: string }): Promise<void> {
  const { stdout, stderr } = this.process;
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Error('interrupted'));
  this.process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const { kubeconfig, version } = await clusterUp({
      ...clusterOptions(this.environment, name),
      report: progressPrinter(stderr),
      signal: interrupted.signal,
    });
    stderr.write(`Kubernetes ${version} is up. Its kubeconfig:\n`);
    stdout.write(`${kubeconfig}\n`);
  } finally {
    this.process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
