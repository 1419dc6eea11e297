import { writeFile } from 'node:fs/promises';
import { messageOf } from '@ephemera/model';
import { addressesOf, registryPort } from './addresses.ts';
import { run } from './command.ts';
import { componentsOf } from './components.ts';
import type { ClusterOptions } from './contract.ts';
import { NamespacesRefused } from './errors.ts';
import { makeImages } from './images.ts';
import { takeNumber } from './instances.ts';
import type { Layout } from './layout.ts';
import { prepare } from './prepare.ts';
import { step } from './progress.ts';
import { push } from './push.ts';
import { untilReady } from './ready.ts';
import { requireFreeBlock } from './routes.ts';
import { stop } from './stop.ts';
import { programOf, toolboxOf, type Toolbox } from './toolbox.ts';
import { busyboxImage } from './versions.ts';

/** Starts an instance that is not up, over whatever there is of it. The caller holds its lock, and the tools are built. */
export async function start(layout: Layout, { block, report, signal }: ClusterOptions): Promise<void> {
  const toolbox = toolboxOf(layout.cache);
  const addresses = addressesOf(await takeNumber(layout.cache, layout.name), block);
  // Whatever an interrupted start or a machine that went down left behind.
  await stop(layout);
  await requireFreeBlock(addresses.block);
  const images = await step(report, 'images', () => makeImages(layout, toolbox));
  await step(report, 'configuration', () => prepare({ layout, addresses, toolbox, images, signal }));
  try {
    await step(report, 'node', async () => {
      await launch(layout, toolbox, signal);
      const components = componentsOf({ layout, addresses, toolbox, images });
      await untilReady({ layout, components, report, signal });
      const busybox = images.find(({ name }) => name === busyboxImage);
      if (busybox !== undefined) {
        await push(`${addresses.node}:${registryPort}`, 'library/busybox', ['1', 'latest'], busybox.image);
      }
    });
    await writeFile(layout.description, JSON.stringify(addresses));
  } catch (error) {
    await stop(layout);
    throw error;
  }
}

async function launch(layout: Layout, toolbox: Toolbox, signal: AbortSignal | undefined): Promise<void> {
  try {
    await run(programOf(toolbox, 'node'), ['start', layout.plan], { timeoutMs: 30_000, signal });
  } catch (error) {
    if (messageOf(error).includes('new namespaces')) throw new NamespacesRefused({}, { cause: error });
    throw error;
  }
}
