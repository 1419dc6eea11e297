import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from './run.ts';

export interface WorkflowStep {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
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
  /** What stands for what in scripts and variables: expressions, and what a user writes in place of the example's. */
  readonly replace: Readonly<Record<string, string>>;
}

/** Runs the scripts of a job's steps as GitHub's runner does, each in a bash of its own. After a failure only steps with `always()` are left. */
export async function runSteps({ steps, env, replace }: WorkflowRun): Promise<readonly Ran[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-runner-'));
  const { PATH, HOME } = process.env;
  const ran: Ran[] = [];
  const filled = (text: string, where: string): string => {
    let result = text;
    for (const [from, to] of Object.entries(replace)) result = result.replaceAll(from, to);
    if (result.includes('${{')) throw new Error(`${where}: an expression has no value here: ${result}`);
    return result;
  };
  try {
    for (const step of steps) {
      if (!isDue(step, steps, ran)) continue;
      const script = filled(step.run, step.name);
      const variables = Object.entries({ ...env, ...step.env }).map(([name, value]) => [
        name,
        value === undefined ? undefined : filled(value, name),
      ]);
      const file = join(folder, 'step.sh');
      writeFileSync(file, script);
      const { code, stdout, stderr } = await run(['bash', '--noprofile', '--norc', '-eo', 'pipefail', file], {
        cwd: folder,
        // Shells that the step starts trace as well.
        env: { PATH, HOME, RUNNER_TEMP: folder, SHELLOPTS: 'xtrace', ...Object.fromEntries(variables) },
      });
      ran.push({ name: step.name, code, stdout, trace: stderr });
    }
    return ran;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The conditions that the examples have: none, and `always()`, alone or with another step having succeeded. */
function isDue(step: WorkflowStep, steps: readonly WorkflowStep[], ran: readonly Ran[]): boolean {
  if (step.if === undefined) return ran.every(({ code }) => code === 0);
  const [isKnown, id] = /^always\(\)(?: && steps\.(\w+)\.outcome == 'success')?$/.exec(step.if) ?? [];
  if (isKnown === undefined) throw new Error(`${step.name}: a condition that is not known here: ${step.if}`);
  if (id === undefined) return true;
  const name = steps.find((each) => each.id === id)?.name;
  return ran.some((each) => each.name === name && each.code === 0);
}
