// `node run-here.mjs SCRIPT [argument…]`: what the pinned Node starts. The script sees the arguments as if it had been started itself.
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deliverSignalsOnce } from './signals-once.mjs';

deliverSignalsOnce();
// Starts sooner and stays some 20 MB smaller. Not in Node's own place, the folder for temporary files: there anybody could lay code for us.
enableCompileCache(join(process.env.EPHEMERA_CACHE || join(homedir(), '.cache', 'ephemera'), 'compiled'));
process.argv.splice(1, 1);
const script = process.argv[1];
if (script === undefined) throw new Error('run-here.mjs needs the path of a script');
await import(pathToFileURL(script).href);
