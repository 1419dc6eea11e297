// `npm run build -w packages/pulumi`: writes packages/pulumi/dist, the package as it is published.
import { join } from 'node:path';
import { buildPackage } from './build-package.ts';

const [to = join(import.meta.dirname, '..', 'dist')] = process.argv.slice(2);
await buildPackage(to);
process.stdout.write(`${to}\n`);
