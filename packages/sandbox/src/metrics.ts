import { ProtocolMismatch } from './errors.ts';
import type { Link } from './link/link.ts';

/** What a sandbox uses, as the kernel counts it. What the node cannot tell is left out. */
export interface SandboxMetrics {
  readonly memoryBytes?: number;
  readonly memoryLimitBytes?: number;
  readonly memoryPeakBytes?: number;
  /** How many processes the kernel has killed for memory. */
  readonly outOfMemoryKills?: number;
  /** Processor time used so far, in microseconds. */
  readonly cpuUsec?: number;
  readonly processes?: number;
  readonly commandsRunning?: number;
  /** Commands whose end is still known. */
  readonly commandsKept?: number;
  readonly outputBytesKept?: number;
  /** Connections to the runner. */
  readonly clients?: number;
  readonly diskFreeBytes?: number;
}

const names = {
  memory_bytes: 'memoryBytes',
  memory_limit_bytes: 'memoryLimitBytes',
  memory_peak_bytes: 'memoryPeakBytes',
  out_of_memory_kills: 'outOfMemoryKills',
  cpu_usec: 'cpuUsec',
  processes: 'processes',
  commands_running: 'commandsRunning',
  commands_kept: 'commandsKept',
  output_bytes_kept: 'outputBytesKept',
  clients: 'clients',
  disk_free_bytes: 'diskFreeBytes',
} as const satisfies Record<string, keyof SandboxMetrics>;

export async function readMetrics(link: Link, signal?: AbortSignal): Promise<SandboxMetrics> {
  const answers = await link.ask({ kind: 'info' }, { repeat: true, signal });
  const info = answers.find((answer) => answer.kind === 'info');
  if (info === undefined) throw new ProtocolMismatch({ problem: 'it did not say what it uses' });
  return Object.fromEntries(
    info.figures.flatMap(({ name, value }) =>
      Object.hasOwn(names, name) ? [[names[name as keyof typeof names], value]] : [],
    ),
  );
}
