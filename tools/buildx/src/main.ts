// `npm run images -w tools/buildx -- [NAME]`
import { imagesCommand } from '@ephemera/local-cluster/machinery';
import { provideBuildx } from './provide.ts';

await imagesCommand(async (place) => {
  const { client, builders } = await provideBuildx(place);
  return [client, ...builders];
});
