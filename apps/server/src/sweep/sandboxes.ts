import { kubeErrors } from '@ephemera/kube';
import { messageOf } from '@ephemera/model';
import { sandboxErrors, type SandboxHost, type SandboxInfo } from '@ephemera/sandbox';
import { sql } from 'kysely';
import { forgetSandbox, moveExpiry, sandboxEnded, sandboxRows } from '../sandboxes/store/sandboxes.ts';
import type { Database } from '../store/database.ts';
import type { SandboxRow, Sweep } from '../store/schema.ts';
import { revokedTokens } from '../store/tokens.ts';
import { accountOf } from '../tokens/caller.ts';
import { LeaseLost } from '../work/claim.ts';
import type { Pass } from './pass.ts';
import { attempt } from './pr-job-attempt.ts';
import { planSandbox, type SandboxPlan } from './sandbox-plan.ts';

/** Where sandboxes are, whoever of this server's callers they belong to. */
export interface SandboxesToSweep {
  readonly hostIn: (namespace: string) => SandboxHost;
  /** Where new ones are made. Undefined: nowhere. */
  readonly namespace: string | undefined;
  /** For all of them: what is not reached comes in the next pass. Default 60 s. */
  readonly boxMs?: number;
}

const defaultBoxMs = 60_000;
/** What takes longer goes on in the next pass. */
const removeMs = 30_000;
const listMs = 30_000;

/**
 * Sandboxes of this server's that nobody ends: those whose time is over, those of revoked tokens, those whose maker was killed, and those
 * that the database has forgotten. `previous` is the newest pass before this one that went to its end.
 */
export async function sweepSandboxes(pass: Pass, previous: Sweep | undefined): Promise<void> {
  const { sandboxes, db } = pass;
  if (!sandboxes) return;
  const endsAt = performance.now() + (sandboxes.boxMs ?? defaultBoxMs);
  // Before anything is listed: what is made later is no part of it.
  const rows = await sandboxRows(db, {});
  const revoked = new Set((await revokedTokens(db)).map(accountOf));
  const own = sandboxes.namespace === undefined ? [] : [sandboxes.namespace];
  for (const namespace of new Set([...own, ...rows.map((row) => row.namespace)])) {
    const here = rows.filter((row) => row.namespace === namespace);
    const part = () =>
      sweepNamespace(pass, { host: sandboxes.hostIn(namespace), namespace, rows: here, revoked, previous, endsAt });
    await pass.isolated(`sandboxes in ${namespace}`, part, 'jobs');
  }
}

interface Place {
  readonly host: SandboxHost;
  readonly namespace: string;
  readonly rows: readonly SandboxRow[];
  /** Accounts whose token was revoked. */
  readonly revoked: ReadonlySet<string>;
  readonly previous: Sweep | undefined;
  readonly endsAt: number;
}

async function sweepNamespace(pass: Pass, place: Place): Promise<void> {
  const infos = await listed(pass, place);
  if (!infos) return;
  const now = await databaseTime(pass.db);
  const byId = new Map(infos.map((info) => [info.id, info]));
  for (const row of place.rows) {
    pass.claim.assertHeld();
    const isRevoked = place.revoked.has(row.account);
    const plan = planSandbox({ row, info: byId.get(row.id), now, graceMs: pass.graceMs, isRevoked });
    await pass.isolated(subjectOf(row), () => carryOut(pass, { place, row, plan }), 'jobs');
  }
  // Only now that all is listed: whoever makes something has written its row before.
  const known = new Set([...place.rows, ...(await sandboxRows(pass.db, {}))].map(({ id }) => id));
  for (const info of infos.filter(({ id }) => !known.has(id))) {
    const subject = subjectOf({ id: info.id, namespace: place.namespace });
    await pass.isolated(subject, () => sweepForgotten(pass, { place, info, now, subject }), 'jobs');
  }
}

/** Undefined: our account may not look here, and nothing is known that it could have made. */
async function listed(pass: Pass, { host, rows }: Place): Promise<readonly SandboxInfo[] | undefined> {
  const answer = await attempt(pass.claim, listMs, (signal) => host.list(signal));
  if ('result' in answer) return answer.result;
  if (rows.length === 0 && answer.error instanceof kubeErrors.Forbidden) return undefined;
  throw answer.error;
}

/** All rows have their times from there. */
async function databaseTime(db: Database): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select now() as now`.execute(db);
  return rows[0]?.now ?? new Date(0);
}

interface Planned {
  readonly place: Place;
  readonly row: SandboxRow;
  readonly plan: SandboxPlan;
}

async function carryOut(pass: Pass, { place, row, plan }: Planned): Promise<void> {
  const { db, dryRun } = pass;
  if (plan.do === 'remove') {
    const subject = subjectOf(row);
    await removing(pass, place, {
      id: row.id,
      subject,
      found: (change) => pass.found({ kind: plan.kind, subject, action: 'removed', detail: plan.because }, change),
    });
    return;
  }
  if (dryRun) return;
  if (plan.do === 'forget') await forgetSandbox(db, row.id);
  if (plan.do === 'note_end') await sandboxEnded(db, [row.id]);
  if (plan.do === 'note_expiry') await moveExpiry(db, { id: row.id, expiresAt: plan.expiresAt, from: row.expiresAt });
}

interface Forgotten {
  readonly place: Place;
  readonly info: SandboxInfo;
  readonly now: Date;
  readonly subject: string;
}

/** With our mark, and without a row: a restored backup has forgotten it. There is no haste, and the cap of the pass applies. */
async function sweepForgotten(pass: Pass, { place, info, now, subject }: Forgotten): Promise<void> {
  const seenBefore = place.previous?.findings.some((finding) => finding.subject === subject) ?? false;
  const isOld = now.getTime() - Date.parse(info.createdAt) > pass.graceMs;
  if (!isOld || !seenBefore) {
    const detail = 'No row is known for it; it is removed when a later pass still finds it.';
    await pass.found({ kind: 'orphan_sandbox', subject, action: 'reported', detail });
    return;
  }
  const detail = 'No row is known for it, and the pass before has seen it too.';
  await removing(pass, place, {
    id: info.id,
    subject,
    found: (change) => pass.foundToRemove({ kind: 'orphan_sandbox', subject, action: 'removed', detail }, change),
  });
}

interface Removing {
  readonly id: string;
  readonly subject: string;
  readonly found: (change: () => Promise<unknown>) => Promise<void>;
}

async function removing(pass: Pass, { host, endsAt }: Place, { id, subject, found }: Removing): Promise<void> {
  const { claim, db } = pass;
  if (performance.now() >= endsAt) {
    const detail = 'It is to be removed, and this pass has no time left for it.';
    return pass.found({ kind: 'stuck_sandbox', subject, action: 'reported', detail });
  }
  const ms = Math.min(removeMs, endsAt - performance.now());
  try {
    await found(async () => {
      const done = await attempt(claim, ms, async (signal) => {
        const place = await host.find(id, signal);
        await place.remove({ signal });
      });
      if ('error' in done && !(done.error instanceof sandboxErrors.SandboxNotFound)) throw done.error;
      await forgetSandbox(db, id);
    });
  } catch (error) {
    claim.signal.throwIfAborted();
    if (error instanceof LeaseLost) throw error;
    await pass.found({ kind: 'stuck_sandbox', subject, action: 'reported', detail: messageOf(error) });
  }
}

function subjectOf({ id, namespace }: Pick<SandboxRow, 'id' | 'namespace'>): string {
  return `sandbox ${namespace}/${id}`;
}
