import { clusterStatus } from '@ephemera/local-cluster';
import { clusterOptions } from '../../cluster-options.ts';
import type { Context } from '../../context.ts';
import { exitCodes } from '../../exit-code.ts';

export async function status(this: Context, { name, json }: { name: string; json: boolean }): Promise<void> {
  const found = await clusterStatus(clusterOptions(this.environment, name));
  const text = json
    ? JSON.stringify(found, null, 2)
    : Object.entries(found)
        .map(([key, value]) => `${key.padEnd(20)}${value ?? '—'}`)
        .join('\n');
  this.process.stdout.write(`${text}\n`);
  this.process.exitCode = found.state === 'up' ? exitCodes.fine : exitCodes.failed;
}
