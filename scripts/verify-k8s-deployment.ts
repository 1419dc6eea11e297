// `npx tsx scripts/verify-k8s-deployment.ts [flags]`: whether a cluster is ready for sandboxes, as document 001 has it.
import './new-enough-node.ts';
import { verifyCommand } from '@ephemera/sandbox/verify';

process.exitCode = await verifyCommand({
  args: process.argv.slice(2),
  environment: process.env,
  out: (line) => console.log(line),
  err: (line) => console.error(line),
});
