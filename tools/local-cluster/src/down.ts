import type { ClusterOptions } from './contract.ts';
import { alone } from './alone.ts';
import { returnNumber } from './instances.ts';
import { layoutOf } from './layout.ts';
import { step } from './progress.ts';
import { requireMachine } from './requirements.ts';
import { stop } from './stop.ts';

/** Takes the instance down. What stays is in the cache: tools, images and the logs of the last run. */
export async function clusterDown(options: ClusterOptions): Promise<void> {
  requireMachine();
  const layout = layoutOf(options.cache, options.name);
  await alone(`cluster ${layout.folder}`, options, async () => {
    await step(options.report, 'down', () => stop(layout));
    await returnNumber(layout.cache, layout.name);
  });
}
