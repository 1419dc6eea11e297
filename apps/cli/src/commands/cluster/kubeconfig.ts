import { clusterOptions } from '../../cluster-options.ts';
import type { Context } from '../../context.ts';
import { runningCluster } from './running.ts';

export async function kubeconfig(this: Context, { name }: { name: string }): Promise<void> {
  this.process.stdout.write(`${(await runningCluster(clusterOptions(this.environment, name))).kubeconfig}\n`);
}
