// `node run-here.mjs SCRIPT [argument…]`: what the pinned Node starts. The script sees the arguments as if it had been started itself.
import { pathToFileURL } from 'node:url';
import { deliverSignalsOnce } from './signals-once.mjs';

deliverSignalsOnce();
process.argv.splice(1, 1);
const script = process.argv[1];
if (script === undefined) throw new Error('run-here.mjs needs the path of a script');
await import(pathToFileURL(script).href);
