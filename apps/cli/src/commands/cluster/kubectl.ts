import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { clusterTools } from '@ephemera/local-cluster';
import { clusterOptions } from '../../cluster-options.ts';
import type { Context } from '../../context.ts';
import { runningCluster } from './running.ts';

export async function kubectl(this: Context, { name }: { name: string }, ...args: string[]): Promise<void> {
  const options = clusterOptions(this.environment, name);
  const { kubeconfig } = await runningCluster(options);
  const tool = clusterTools(options).kubectl;
  const child = spawn(tool.command, [...tool.args, ...args], {
    stdio: 'inherit',
    env: { ...this.environment, KUBECONFIG: kubeconfig },
  });
  // Ctrl-C reaches kubectl by itself; this process waits for how it ends.
  const ignore = () => {};
  this.process.on('SIGINT', ignore);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  this.process.off('SIGINT', ignore);
  this.process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
}
