import { run } from '@stricli/core';
import { app } from './app.ts';
import { contextOf } from './context.ts';
import { publicExitCode } from './exit-code.ts';

// Whoever read our output is gone, as with `| head`: end as by Ctrl-C, so that what was started is taken down all the same.
let readerIsGone = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!readerIsGone) process.emit('SIGINT');
  readerIsGone = true;
});

await run(app, process.argv.slice(2), contextOf(process));
process.exitCode = publicExitCode(process.exitCode);
