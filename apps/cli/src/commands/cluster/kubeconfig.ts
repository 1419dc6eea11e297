import { cacheFolder } from '../../cache.ts';
import type { Context } from '../../context.ts';
import { runningCluster } from './running.ts';

export async function kubeconfig(this: Context, { name }: { name: string }): Promise<void> {
  this.process.stdout.write(`${(await runningCluster(name, cacheFolder(this.environment))).kubeconfig}\n`);
}
