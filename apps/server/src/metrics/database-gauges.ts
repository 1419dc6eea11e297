import { EnvironmentStatus } from '@ephemera/model';
import { Gauge, Registry } from 'prom-client';
import type { WorkKind } from '../store/schema.ts';
import { orphanNamespace, workStates, type Snapshot } from './snapshot.ts';

/** Also the kinds of which there is nothing are shown, as 0: a line that comes and goes cannot be alerted on. */
const workKinds = [
  'pull-request',
  'environment',
  'report',
  'repository',
  'installation',
  'sweep',
] as const satisfies readonly WorkKind[];
/** The sweep's own words; anything else in that column is not made into a label. */
const findingKind = /^[a-z][a-z0-9_]{0,40}$/;

export interface DatabaseGauges {
  readonly registry: Registry;
  /** Makes the gauges show this moment, and nothing of an earlier one. */
  readonly show: (snapshot: Snapshot) => void;
}

/** What the database says about all servers together: any of them tells the whole, so nobody should add them up. */
export function createDatabaseGauges(): DatabaseGauges {
  const registry = new Registry();
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge<Label>({ name, help, labelNames, registers: [registry] });

  const queue = gauge('ephemera_work', 'Work by kind and state', ['kind', 'state']);
  const oldest = gauge('ephemera_work_oldest_due_seconds', 'How long the most overdue work has been due', ['kind']);
  const retrying = gauge('ephemera_work_retrying', 'Work whose last run failed', ['kind']);
  const attempts = gauge('ephemera_work_attempts_most', 'Failed runs in a row of the work that fails most', ['kind']);
  const environments = gauge('ephemera_environments', 'Environments by status', ['status']);
  const overdue = gauge('ephemera_removals_overdue', 'Removals that take longer than DESTROY_FAILED_AFTER_SECONDS');
  const leaked = gauge(
    'ephemera_namespaces_leaked',
    'Namespaces with our mark that no living environment explains, at the last sweep',
  );
  // With a label, so that it shows nothing, and not 0, while there was no complete pass.
  const sweepAge = gauge('ephemera_sweep_age_seconds', 'Since the end of the last complete sweep', ['pass']);
  const findings = gauge('ephemera_sweep_findings', 'What the last sweep found, by kind', ['kind']);
  const capped = gauge('ephemera_sweep_capped_last_day', 'Sweeps of the last day that would have removed too much');
  const missed = gauge(
    'ephemera_sweep_missed_events_last_day',
    'Events that sweeps of the last day found to be missed',
  );
  const installations = gauge('ephemera_github_installations', 'Installations of the App by state', ['state']);
  const paused = gauge('ephemera_github_installations_paused', 'Installations that GitHub asked us to leave alone');
  const writes = gauge('ephemera_github_writes', 'Content-creating calls in the last minute and hour', [
    'installation',
    'window',
  ]);

  return {
    registry,
    show: (snapshot) => {
      registry.resetMetrics();
      for (const kind of workKinds) {
        for (const state of workStates) queue.set({ kind, state }, 0);
        for (const each of [oldest, retrying, attempts]) each.set({ kind }, 0);
      }
      for (const { kind, state, count } of snapshot.work) queue.set({ kind, state }, count);
      for (const { kind, age } of snapshot.due) oldest.set({ kind }, age);
      for (const { kind, count, most } of snapshot.retries) {
        retrying.set({ kind }, count);
        attempts.set({ kind }, most);
      }
      for (const status of Object.values(EnvironmentStatus)) environments.set({ status }, 0);
      for (const { status, count } of snapshot.environments) environments.set({ status }, count);
      overdue.set(snapshot.overdue);
      if (snapshot.sweepAge !== null) sweepAge.set({ pass: 'complete' }, snapshot.sweepAge);
      for (const { kind, count } of snapshot.findings) if (findingKind.test(kind)) findings.set({ kind }, count);
      leaked.set(snapshot.findings.find(({ kind }) => kind === orphanNamespace)?.count ?? 0);
      capped.set(snapshot.capped);
      missed.set(snapshot.missed);
      for (const state of ['active', 'suspended', 'removed']) installations.set({ state }, 0);
      for (const { state, count } of snapshot.installations) installations.set({ state }, count);
      paused.set(snapshot.paused);
      for (const { installation, minute, hour } of snapshot.writes) {
        writes.set({ installation: String(installation), window: 'minute' }, minute);
        writes.set({ installation: String(installation), window: 'hour' }, hour);
      }
    },
  };
}
