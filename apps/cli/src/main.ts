import { run } from '@stricli/core';
import { app } from './app.ts';
import { contextOf } from './context.ts';
import { publicExitCode } from './exit-code.ts';

await run(app, process.argv.slice(2), contextOf(process));
process.exitCode = publicExitCode(process.exitCode);
