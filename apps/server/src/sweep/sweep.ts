import type { GitHub, Installation } from '@ephemera/github';
import { messageOf } from '@ephemera/model';
import { countOpenEnvironments, readyEnvironments } from '../store/environments.ts';
import { repositoriesInUse } from '../store/repositories.ts';
import type { Sweep } from '../store/schema.ts';
import {
  beginAskedSweep,
  beginScheduledSweep,
  completeSweepBefore,
  doneSweepBefore,
  failSweep,
  finishSweep,
  scheduledSweep,
} from '../store/sweeps.ts';
import { enqueue } from '../store/work.ts';
import { LeaseLost, type Claim } from '../work/claim.ts';
import { again, done } from '../work/outcome.ts';
import type { Handler } from '../work/worker.ts';
import { sweepGuardrails } from './guardrails.ts';
import { keepHouse } from './housekeeping.ts';
import { sweepGitHub } from './installations.ts';
import { sweepNamespaces } from './namespaces.ts';
import { createPass, mostRemovals, type Pass, type SweepDeps } from './pass.ts';
import { sweepPrJobs } from './pr-jobs.ts';
import { sweepSandboxes } from './sandboxes.ts';
import { sweepInstallation } from './pull-requests.ts';

/**
 * Work of kind `sweep`: compares GitHub and the cluster with what the database says, and asks for a look at whatever differs. It finds
 * what no event told of. The regular one comes back `everyMs` after its end, however that was.
 */
export function sweep(deps: SweepDeps & { readonly everyMs: number }): Handler {
  return async (claim) => {
    const scheduled = claim.key === scheduledSweep;
    const row = await claim.write((tx) =>
      scheduled ? beginScheduledSweep(tx) : beginAskedSweep(tx, Number(claim.key)),
    );
    if (row) await record(deps, claim, row);
    return scheduled ? again({ afterMs: deps.everyMs, because: 'the next pass comes by itself' }) : done();
  };
}

async function record(deps: SweepDeps, claim: Claim, row: Sweep): Promise<void> {
  try {
    const most = mostRemovals(await countOpenEnvironments(deps.db));
    const pass = createPass(deps, { claim, dryRun: row.dryRun, mostRemovals: most });
    await run(pass, row);
    await claim.write((tx) => finishSweep(tx, row.id, pass));
    tell(pass, row.id);
  } catch (error) {
    claim.signal.throwIfAborted();
    if (error instanceof LeaseLost) throw error;
    deps.log.error({ err: error, sweep: row.id }, 'a sweep failed');
    await claim.write((tx) => failSweep(tx, row.id, messageOf(error)));
  }
}

async function run(pass: Pass, { id }: Sweep): Promise<void> {
  await sweepGitHub(pass);
  await pass.isolated('cluster', async () => {
    const ready = await readyEnvironments(pass.db);
    const namespaces = await sweepNamespaces(pass, await completeSweepBefore(pass.db, id));
    await sweepGuardrails(pass, ready, namespaces);
  });
  const before = await doneSweepBefore(pass.db, id);
  await pass.isolated('pull-request jobs', () => sweepPrJobs(pass, before), 'jobs');
  await pass.isolated('sandboxes', () => sweepSandboxes(pass, before), 'jobs');
  if (!pass.dryRun) await pass.isolated('housekeeping', () => keepHouse(pass.db));
}

function tell({ findings, complete, capped, dryRun, log }: Pass, id: number): void {
  const line = { sweep: id, dryRun, complete, findings: findings.length };
  if (capped)
    log.error(
      line,
      'a sweep would remove more than one pass may; the rest waits for the next one: see whether that is right',
    );
  else if (findings.length > 0) log.warn(line, 'a sweep found what no event had told of');
  else log.info(line, 'a sweep found everything as it should be');
}

/** The comparison of one installation's pull requests, outside a regular pass: after it was installed, unsuspended or changed. */
export function compareInstallation(
  deps: SweepDeps,
  github: GitHub,
): (claim: Claim, installation: Installation) => Promise<void> {
  return async (claim, installation) => {
    const most = mostRemovals(await countOpenEnvironments(deps.db));
    const pass = createPass(deps, { claim, dryRun: false, mostRemovals: most });
    const visible = new Set((await sweepInstallation(pass, github, installation)).map(({ id }) => id));
    for (const { id, installationId } of await repositoriesInUse(deps.db)) {
      if (installationId === installation.id && !visible.has(id))
        await enqueue(deps.db, { kind: 'repository', key: String(id), fairKey: String(id) });
    }
    for (const finding of pass.findings) deps.log.info({ installation: installation.id, ...finding }, 'found');
  };
}
