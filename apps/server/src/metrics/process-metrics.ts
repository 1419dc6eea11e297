import type { EnvironmentStatus } from '@ephemera/model';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PrJobAction, PrJobOutcome } from '../pr-jobs/record.ts';
import type { SandboxAction, SandboxOutcome } from '../sandboxes/deps.ts';
import type { WorkKind } from '../store/schema.ts';
import type { Run } from '../work/worker.ts';

/** What became of a delivery: the answer's `status`, or `refused` for what was signed but cannot be understood. */
export type DeliveryOutcome = 'accepted' | 'duplicate' | 'ignored' | 'refused';

/** What this process alone knows: counted since its start. Labels have few values: never a repository, a branch or a text. */
export interface ProcessMetrics {
  readonly registry: Registry;
  readonly delivered: (outcome: DeliveryOutcome) => void;
  readonly unsigned: () => void;
  /** Without a valid signature since the start. */
  readonly unsignedSoFar: () => number;
  readonly ran: (run: Run) => void;
  /** How long an environment took from the wish for a commit to `ready`, or from the close of its pull request to `destroyed`. */
  readonly reached: (status: EnvironmentStatus & ('ready' | 'destroyed'), seconds: number) => void;
  readonly clusterFailed: (code: string) => void;
  readonly githubFailed: (code: string) => void;
  /** What became of something that was asked for pull-request jobs. */
  readonly prJob: (action: PrJobAction, outcome: PrJobOutcome) => void;
  /** What became of something that was asked for sandboxes. */
  readonly sandbox: (action: SandboxAction, outcome: SandboxOutcome) => void;
  /** A stream to a sandbox is open until this is disposed. */
  readonly sandboxStreams: () => Disposable;
  /** The watch on our namespaces has said something, if only that nothing is new. */
  readonly watchAlive: () => void;
}

interface PoolUse {
  readonly inUse: number;
  readonly waiting: number;
}

export interface ProcessMetricsOptions {
  readonly pool: () => PoolUse;
  /** Content-creating calls that one installation may be sent, in a minute and in an hour. */
  readonly writeLimits: Readonly<Record<'minute' | 'hour', number>>;
}

const runSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const environmentSeconds = [0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800];
const deliveryOutcomes: readonly DeliveryOutcome[] = ['accepted', 'duplicate', 'ignored', 'refused'];

export function createProcessMetrics({ pool, writeLimits }: ProcessMetricsOptions): ProcessMetrics {
  const registry = new Registry();
  const registers = [registry];
  // Memory, processor time, event loop lag, under the names that every dashboard for Node knows.
  collectDefaultMetrics({ register: registry });

  const deliveries = new Counter({
    name: 'ephemera_deliveries_total',
    help: 'Signed webhook deliveries by what became of them',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of deliveryOutcomes) deliveries.inc({ outcome }, 0);
  const unsigned = new Counter({
    name: 'ephemera_deliveries_unsigned_total',
    help: 'Webhook requests without a valid signature; nothing else of them is kept',
    registers,
  });
  let unsignedSoFar = 0;

  const runs = new Counter({
    name: 'ephemera_work_runs_total',
    help: 'Runs of work by how they ended; lease_lost: another worker had taken over',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  const runTime = new Histogram({
    name: 'ephemera_work_run_seconds',
    help: 'How long a run of work took, from its lease to its end',
    labelNames: ['kind'],
    buckets: runSeconds,
    registers,
  });

  const readyTime = new Histogram({
    name: 'ephemera_environment_ready_seconds',
    help: 'From the wish for a commit to the environment being ready with it',
    buckets: environmentSeconds,
    registers,
  });
  const goneTime = new Histogram({
    name: 'ephemera_environment_gone_seconds',
    help: 'From the begin of a removal to nothing being left',
    buckets: environmentSeconds,
    registers,
  });

  const clusterErrors = new Counter({
    name: 'ephemera_cluster_errors_total',
    help: 'Calls to the cluster that failed, by error code',
    labelNames: ['code'],
    registers,
  });
  const githubErrors = new Counter({
    name: 'ephemera_github_errors_total',
    help: 'Calls to GitHub that failed, by error code',
    labelNames: ['code'],
    registers,
  });

  const prJobs = new Counter({
    name: 'ephemera_pr_jobs_total',
    help: 'What callers asked for pull-request jobs, by action and by what became of it',
    labelNames: ['action', 'outcome'],
    registers,
  });

  const sandboxes = new Counter({
    name: 'ephemera_sandboxes_total',
    help: 'What callers asked for sandboxes, by action and by what became of it',
    labelNames: ['action', 'outcome'],
    registers,
  });
  const sandboxStreams = new Gauge({
    name: 'ephemera_sandbox_streams',
    help: 'Streams of clients to sandboxes that are open through this process',
    registers,
  });

  let aliveAt: number | undefined;
  registry.registerMetric(
    new Gauge({
      name: 'ephemera_watch_age_seconds',
      help: 'Since the watch on our namespaces last said anything; absent before its first word',
      // A label-less gauge shows 0 from its birth; one that was never set has to show nothing.
      labelNames: ['kind'],
      registers: [],
      collect() {
        if (aliveAt !== undefined) this.set({ kind: 'Namespace' }, (performance.now() - aliveAt) / 1000);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'ephemera_database_connections',
      help: 'Connections of this process to the database, and requests that wait for one',
      labelNames: ['state'],
      registers: [],
      collect() {
        const { inUse, waiting } = pool();
        this.set({ state: 'in_use' }, inUse);
        this.set({ state: 'waiting' }, waiting);
      },
    }),
  );
  const limits = new Gauge({
    name: 'ephemera_github_write_limit',
    help: 'Content-creating calls that one installation may be sent in the window',
    labelNames: ['window'],
    registers,
  });
  limits.set({ window: 'minute' }, writeLimits.minute);
  limits.set({ window: 'hour' }, writeLimits.hour);

  return {
    registry,
    delivered: (outcome) => deliveries.inc({ outcome }),
    unsigned: () => {
      unsigned.inc();
      unsignedSoFar += 1;
    },
    unsignedSoFar: () => unsignedSoFar,
    ran: ({ kind, outcome, ms }) => {
      runs.inc({ kind: kind satisfies WorkKind, outcome });
      runTime.observe({ kind }, ms / 1000);
    },
    reached: (status, seconds) => (status === 'ready' ? readyTime : goneTime).observe(seconds),
    clusterFailed: (code) => clusterErrors.inc({ code }),
    githubFailed: (code) => githubErrors.inc({ code }),
    prJob: (action, outcome) => prJobs.inc({ action, outcome }),
    sandbox: (action, outcome) => sandboxes.inc({ action, outcome }),
    sandboxStreams: () => {
      sandboxStreams.inc();
      return { [Symbol.dispose]: () => sandboxStreams.dec() };
    },
    watchAlive: () => {
      aliveAt = performance.now();
    },
  };
}
