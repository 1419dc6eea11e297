import { Gauge, Registry } from 'prom-client';
import type { Logger } from 'pino';
import { poolUse, type Database } from '../store/database.ts';
import { within } from '../within.ts';
import { createDatabaseGauges } from './database-gauges.ts';
import { createProcessMetrics, type ProcessMetrics, type ProcessMetricsOptions } from './process-metrics.ts';
import { readSnapshot } from './snapshot.ts';

/** A scrape has ten seconds by Prometheus' own default; a database that takes longer than this is as good as down. */
const snapshotTimeoutMs = 3_000;

/** Everything that `/metrics` shows: what this process counts, and what the database says about all. */
export interface Metrics extends ProcessMetrics {
  /** The Prometheus text format. Without a database it has what this process knows, and `ephemera_database_up 0`. */
  readonly exposition: () => Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions extends Pick<ProcessMetricsOptions, 'writeLimits'> {
  readonly db: Database;
  /** A removal that takes longer counts as overdue. */
  readonly overdueAfterMs: number;
  readonly log: Pick<Logger, 'warn'>;
}

export function createMetrics({ db, overdueAfterMs, writeLimits, log }: MetricsOptions): Metrics {
  const own = createProcessMetrics({ pool: () => poolUse(db), writeLimits });
  const gauges = createDatabaseGauges();
  const up = databaseUp(own.registry);
  let reading: Promise<void> | undefined;

  /** False when the database does not answer; then its gauges are left out, as an old or empty figure would be a wrong one. */
  async function refresh(): Promise<boolean> {
    // A query that hangs is waited for by all scrapes together, so that they cannot use up the pool.
    reading ??= readSnapshot(db, overdueAfterMs)
      .then(gauges.show)
      .finally(() => {
        reading = undefined;
      });
    return within(reading, snapshotTimeoutMs, () => new Error(`no answer within ${snapshotTimeoutMs} ms`)).then(
      () => true,
      (error: unknown) => {
        log.warn({ err: error }, 'the database gives no figures; the metrics go without them');
        return false;
      },
    );
  }

  return {
    ...own,
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    exposition: async () => {
      const answered = await refresh();
      up.set(answered ? 1 : 0);
      const parts = answered ? [own.registry, gauges.registry] : [own.registry];
      return (await Promise.all(parts.map((registry) => registry.metrics()))).join('\n');
    },
  };
}

function databaseUp(registry: Registry): Gauge {
  return new Gauge({
    name: 'ephemera_database_up',
    help: '1 when the database gave its figures for this answer; with 0 those metrics are absent',
    registers: [registry],
  });
}

export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
  /** Whether the figure is of this process or, from the database, of all servers together. */
  readonly of: 'process' | 'all servers';
}

/** What there is of our own, for the reference page; no database is asked. */
export function describeMetrics(): readonly MetricDescription[] {
  const own = createProcessMetrics({
    pool: () => ({ inUse: 0, waiting: 0 }),
    writeLimits: { minute: 0, hour: 0 },
  });
  databaseUp(own.registry);
  return [...describe(createDatabaseGauges().registry, 'all servers'), ...describe(own.registry, 'process')];
}

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly constructor: { readonly name: string };
}

function describe(registry: Registry, of: MetricDescription['of']): MetricDescription[] {
  // What prom-client's types keep quiet about: the metrics as they were declared.
  const declared = registry.getMetricsAsArray() as unknown as readonly Described[];
  // Those of every Node program differ from one operating system to the next, and are described elsewhere.
  const ours = declared.filter(({ name }) => name.startsWith('ephemera_'));
  return ours.map((metric) => ({
    name: metric.name,
    help: metric.help.replace(/\.$/, ''),
    type: metric.constructor.name.toLowerCase(),
    labels: metric.labelNames,
    of,
  }));
}
