// `npm run images -w tools/python-nodejs -- [NAME]`
import { imagesCommand } from '@ephemera/local-cluster/machinery';
import { provideImage } from './provide.ts';

await imagesCommand(async (place) => [await provideImage(place)]);
