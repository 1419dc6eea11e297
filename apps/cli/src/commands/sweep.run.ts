import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { SweepDeadline } from '../errors.ts';
import { exitCodes } from '../exit-code.ts';
import { askApi, readApi } from '../server-api.ts';
import { plain, table } from '../table.ts';

interface SweepView {
  readonly id: number;
  readonly dry_run: boolean;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly complete: boolean | null;
  readonly capped: boolean;
  readonly findings: readonly {
    readonly kind: string;
    readonly subject: string;
    readonly action: string;
    readonly detail: string;
  }[];
  readonly error: string | null;
}

interface Flags {
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** A pass asks GitHub about every open pull request: minutes, where there are thousands. */
const timeoutMs = 15 * 60_000;
const lookEveryMs = 300;

export async function sweep(this: Context, { dryRun, json }: Flags): Promise<void> {
  const { stdout } = this.process;
  const asked = await askApi<SweepView>(this.environment, {
    method: 'POST',
    path: '/api/v1/sweeps',
    body: { dry_run: dryRun },
  });
  const ended = await follow(this, asked);
  if (json) stdout.write(`${JSON.stringify(ended, null, 2)}\n`);
  else print(this, ended);
  this.process.exitCode = isFine(ended) ? exitCodes.fine : exitCodes.failed;
}

/** Says each state once, on standard error, until the pass is over. */
async function follow({ environment, process }: Context, asked: SweepView): Promise<SweepView> {
  const deadline = performance.now() + timeoutMs;
  const what = `Sweep ${asked.id}${asked.dry_run ? ' (dry run)' : ''}`;
  let told = '';
  for (let now = asked; ; now = await readApi<SweepView>(environment, `/api/v1/sweeps/${asked.id}`)) {
    if (now.state !== told) process.stderr.write(`${what}: ${now.state}\n`);
    told = now.state;
    if (now.state === 'done' || now.state === 'failed') return now;
    if (performance.now() > deadline) throw new SweepDeadline({ id: asked.id, timeoutMs });
    await wait(lookEveryMs);
  }
}

function print({ process }: Context, { findings, error, complete, capped, state }: SweepView): void {
  const { stdout, stderr } = process;
  if (findings.length > 0) {
    const rows = findings.map(({ kind, subject, action, detail }) => [kind, subject, action, detail]);
    stdout.write(`${table(['FOUND', 'WHAT', 'DONE', 'DETAIL'], rows)}\n`);
  }
  if (state === 'failed') stderr.write(`It failed: ${plain(error ?? 'the server gives no reason')}\n`);
  else if (complete !== true)
    stderr.write('It is not complete: something could not be read, so nothing was concluded from it.\n');
  if (capped)
    stderr.write('It stopped at the cap on removals; the next pass goes on. See whether so many are right.\n');
  if (state === 'done' && complete && findings.length === 0) stderr.write('Everything is as it should be.\n');
}

/** A cluster of pull-request jobs that is away leaves a pass complete for environments, and is trouble all the same. */
function isFine({ state, complete, capped, findings }: SweepView): boolean {
  return state === 'done' && complete === true && !capped && findings.every(({ kind }) => kind !== 'unreadable');
}
