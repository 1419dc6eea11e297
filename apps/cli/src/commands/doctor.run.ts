import { defaultProbeImage, diagnose, type Finding } from '@ephemera/server/doctor';
import { pino } from 'pino';
import type { Context } from '../context.ts';
import { readEnvFile } from '../env-file.ts';
import { exitCodes } from '../exit-code.ts';
import { takeSignals } from '../interruption.ts';
import { progressPrinter } from '../progress.ts';
import { plain } from '../table.ts';

interface Flags {
  readonly json: boolean;
  readonly skipProbe: boolean;
  readonly context?: string;
  readonly envFile?: string;
  readonly probeImage?: string;
}

/** Checks that end sooner than this are told with the others only. */
const quietBelowMs = 1_500;

export async function doctor(this: Context, flags: Flags): Promise<void> {
  const { stdout, stderr } = this.process;
  const file = flags.envFile === undefined ? [] : [{ name: flags.envFile, variables: readEnvFile(flags.envFile) }];
  using interruption = takeSignals(this.process);
  const report = progressPrinter(stderr, { quietBelowMs });
  const findings = await diagnose([{ name: 'the environment', variables: this.environment }, ...file], {
    context: flags.context,
    serverUrl: this.environment['EPHEMERA_URL'] || undefined,
    probeImage: flags.skipProbe ? undefined : (flags.probeImage ?? defaultProbeImage),
    signal: interruption.signal,
    log: pino({ level: 'silent' }),
    // Only how long it takes: what became of it stands in its line below.
    onProgress: ({ check, state, ...more }) =>
      report({ step: check, state: state === 'started' ? 'started' : 'done', ...more }),
  });
  interruption.signal.throwIfAborted();
  stdout.write(`${flags.json ? JSON.stringify(findings, null, 2) : describe(findings)}\n`);
  if (findings.some(({ ok }) => ok === false)) this.process.exitCode = exitCodes.failed;
}

/** One line for each check, its hint below it, and a summary. Pure. */
export function describe(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, ok, detail, hint }) => [
    `${mark(ok)} ${check.padEnd(width)}  ${plain(detail)}`,
    ...(hint === undefined ? [] : [`${' '.repeat(width + 4)}→ ${plain(hint)}`]),
  ]);
  const broken = findings.filter(({ ok }) => ok === false).length;
  const open = findings.filter(({ ok }) => ok === null).length;
  return [...lines, '', summary(broken, open)].join('\n');
}

function summary(broken: number, open: number): string {
  if (broken > 0) return `${broken} broken${open === 0 ? '' : `, ${open} to look at`}.`;
  return open === 0 ? 'All is well.' : `Nothing is broken; ${open} to look at.`;
}

function mark(ok: boolean | null): string {
  if (ok === null) return '–';
  return ok ? '✔' : '✘';
}
