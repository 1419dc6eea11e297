import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Findings } from './check.ts';

const DEADLINE_MS = 120_000;

/** Runs a tool of node_modules under this Node. It says all by its exit code; what it printed is the problem or the note. */
export async function tool(root: string, script: string, args: readonly string[]): Promise<Findings> {
  const { code, output } = await finish(root, join(root, 'node_modules', script), args);
  const text = output.trim();
  if (code === 0) return { problems: [], notes: text === '' ? [] : [text] };
  return { problems: [text === '' ? `${script} ended with ${code} and said nothing` : text] };
}

function finish(
  root: string,
  script: string,
  args: readonly string[],
): Promise<{ code: number | string; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
      // The output is stored before it is shown, so that colours would only be noise in a log.
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code: code ?? signal ?? 'no exit code', output: Buffer.concat(output).toString() }),
    );
  });
}
