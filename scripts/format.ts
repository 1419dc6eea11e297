// `npm run format`: writes the one format that `npm run check` accepts.
import { join } from 'node:path';
import { tool } from './check/tool.ts';

const { problems } = await tool(join(import.meta.dirname, '..'), 'oxfmt/bin/oxfmt', [
  '--write',
  ...process.argv.slice(2),
]);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
