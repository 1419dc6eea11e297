import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from './run.ts';

export interface WorkflowStep {
  readonly name: string;
  readonly if?: string;
  readonly run: string;
}

export interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly if?: string; readonly steps: readonly WorkflowStep[] }>>;
}

export function readWorkflow(path: string): Workflow {
  return parse(readFileSync(path, 'utf8'));
}

export interface Ran {
  readonly name: string;
  readonly code: number | null;
  readonly stdout: string;
  /** With a trace of every command, as a curious colleague would switch on. */
  readonly trace: string;
}

export interface WorkflowRun {
  readonly steps: readonly WorkflowStep[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What stands for what in the scripts: expressions, and what a user writes in place of the example's. */
  readonly replace: Readonly<Record<string, string>>;
}

/** Runs the scripts of a job's steps as GitHub's runner does, each in a bash of its own. After a failure only `always()` is left. */
export async function runSteps({ steps, env, replace }: WorkflowRun): Promise<readonly Ran[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-runner-'));
  const { PATH, HOME } = process.env;
  const ran: Ran[] = [];
  try {
    for (const step of steps) {
      if (ran.some(({ code }) => code !== 0) && step.if !== 'always()') continue;
      let script = step.run;
      for (const [from, to] of Object.entries(replace)) script = script.replaceAll(from, to);
      if (script.includes('${{')) throw new Error(`${step.name}: an expression has no value here: ${script}`);
      const file = join(folder, 'step.sh');
      writeFileSync(file, script);
      const { code, stdout, stderr } = await run(['bash', '--noprofile', '--norc', '-eo', 'pipefail', file], {
        cwd: folder,
        // Shells that the step starts trace as well.
        env: { PATH, HOME, RUNNER_TEMP: folder, SHELLOPTS: 'xtrace', ...env },
      });
      ran.push({ name: step.name, code, stdout, trace: stderr });
    }
    return ran;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
