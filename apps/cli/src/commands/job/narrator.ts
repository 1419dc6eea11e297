import type { JobEvent, JobStatus } from '@ephemera/job';
import { plain } from '../../table.ts';

/** One line for one of the two streams. */
export interface Said {
  readonly to: 'stdout' | 'stderr';
  readonly line: string;
  /** It is written without an end: what comes next on this stream goes on with it. */
  readonly open?: true;
}

/** What is said as its stream gets it. */
export function textOf({ line, open }: Said): string {
  return open ? line : `${line}\n`;
}

export interface Narrator {
  /** What a person should read about this event; nothing where nothing is new. */
  readonly tell: (event: JobEvent) => readonly Said[];
}

export interface NarratorOptions {
  /** Whether the job runs more than one pod when all goes well. */
  readonly manyPods: boolean;
  /** Whether log lines go to a terminal, which obeys control characters. */
  readonly terminal: boolean;
}

/** Sentences that are not repeated; a job that goes on for days may have many. */
const toldKept = 1000;

/** Turns what happens to a Job into lines. Remembers what it has told, so that only changes are told; has no effects. */
export function narrator({ manyPods, terminal }: NarratorOptions): Narrator {
  const phases = new Map<string, string>();
  const pods = new Set<string>();
  const placed = new Set<string>();
  const told = new Set<string>();
  let counts = '';
  /** Whose line has parts to come. */
  let open: string | undefined;

  const once = (line: string): readonly Said[] => {
    if (told.has(line)) return [];
    if (told.size === toldKept) told.clear();
    told.add(line);
    return [toStderr(line)];
  };

  return {
    tell: (event) => {
      switch (event.type) {
        case 'status': {
          const now = countsOf(event.status);
          if (now === counts) return [];
          counts = now;
          return [toStderr(`job ${event.status.name}: ${now}`)];
        }
        case 'pod': {
          const before = phases.get(event.pod);
          if (before === event.phase) return [];
          phases.set(event.pod, event.phase);
          pods.add(event.pod);
          const node = placed.has(event.pod) ? undefined : event.node;
          if (node !== undefined) placed.add(event.pod);
          return [toStderr(podLine(event, before, node))];
        }
        case 'log': {
          pods.add(event.pod);
          const line = terminal ? visible(event.line) : event.line;
          const from = `[${event.pod}/${event.container}]`;
          const prefix = from !== open && (manyPods || pods.size > 1) ? `${plain(from)} ` : '';
          // Two containers may write endless lines at once: neither gets into the line of the other.
          const ended: readonly Said[] = open === undefined || from === open ? [] : [{ to: 'stdout', line: '' }];
          open = event.continues ? from : undefined;
          return [...ended, { to: 'stdout', line: prefix + line, ...(event.continues && { open: true }) }];
        }
        case 'diagnosis': {
          const { subject, message, hint } = event.diagnosis;
          return once(`${subject}: ${message}${hint === '' ? '' : ` ${hint}`}`);
        }
        case 'warning':
          return once(`warning: ${event.message}`);
        default:
          return event satisfies never;
      }
    },
  };
}

/** Whether more than one pod has run or will. Those that ran before a restart count as well: their lines stand beside the others. */
export function runsManyPods({ completions, parallelism, active, succeeded, failed }: JobStatus): boolean {
  return (completions ?? parallelism) > 1 || active + succeeded + failed > 1;
}

/** A log line on a terminal: tabs stay, whatever else a terminal obeys does not. */
export function visible(line: string): string {
  return line.split('\t').map(plain).join('\t');
}

/** `Running, 2/5 complete, 3 running, 1 failed`; what is 0 is left out, but for the goal. */
export function countsOf({ state, succeeded, completions, active, ready, failed }: JobStatus): string {
  const starting = Math.max(0, active - ready);
  return [
    state,
    completions === null ? `${succeeded} complete` : `${succeeded}/${completions} complete`,
    ...(ready > 0 ? [`${ready} running`] : []),
    ...(starting > 0 ? [`${starting} starting`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
}

function podLine({ pod, phase }: Extract<JobEvent, { type: 'pod' }>, before?: string, node?: string): string {
  const from = before === undefined ? '' : `${before} → `;
  return `pod ${pod}: ${from}${phase}${node === undefined ? '' : ` on node ${node}`}`;
}

function toStderr(line: string): Said {
  return { to: 'stderr', line: visible(line) };
}
