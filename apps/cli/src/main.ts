import { run } from '@stricli/core';
import { app } from './app.ts';
import { contextOf } from './context.ts';
import { publicExitCode } from './exit-code.ts';
import { outputClosed } from './interruption.ts';

// Whoever read our output is gone, as with `| head` or a closed terminal: end in order, so that what was started is taken down.
let readerIsGone = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    if (!readerIsGone) process.emit(outputClosed);
    readerIsGone = true;
  });
}

await run(app, process.argv.slice(2), contextOf(process));
process.exitCode = publicExitCode(process.exitCode);
