import type { FakeGitHub, FakePull } from '@ephemera/fake-github';
import { connectGitHub, type GitHub } from '@ephemera/github';
import { pino } from 'pino';
import { accept } from '../src/intake/accept.ts';
import { observePullRequest } from '../src/pull-request/observe.ts';
import type { Database } from '../src/store/database.ts';
import { lease } from '../src/store/work.ts';
import { holdClaim } from '../src/work/claim.ts';
import { installationOf } from './installation.ts';

export const silent = pino({ level: 'silent' });

export function githubOf({ settings }: FakeGitHub): GitHub {
  return connectGitHub({
    apiUrl: settings.GITHUB_API_URL,
    appId: settings.GITHUB_APP_ID,
    privateKeyPath: settings.GITHUB_APP_PRIVATE_KEY_PATH,
  });
}

/** A delivery about a pull request comes in, as `intake` takes it. */
export async function deliver(
  db: Database,
  fake: FakeGitHub,
  pull: FakePull,
  { action, repositoryId, id }: { readonly action: string; readonly repositoryId: number; readonly id: string },
): Promise<void> {
  const installationId = await installationOf(fake, pull.repository);
  const hint = { action, prNumber: pull.number, repositoryId, repositoryFullName: pull.repository, installationId };
  await accept(db, { id, event: 'pull_request' }, { kind: 'pull-request', hint });
}

/** Does all due work of kind `pull-request`, once; throws what the first failing one throws. */
export async function observeAll(db: Database, github: GitHub): Promise<void> {
  const leaseMs = 60_000;
  const leasedAt = performance.now();
  const rows = await lease(db, { owner: 'a test', leaseMs, kinds: ['pull-request'], most: 100 });
  const observe = observePullRequest({
    db,
    github,
    instance: 'a1',
    drafts: 'include',
    baseDomain: 'preview.example',
    publicUrl: { scheme: 'http', port: () => 3001 },
    log: silent,
  });
  for (const row of rows) {
    const stopping = new AbortController().signal;
    using claim = holdClaim({ db, lease: row, hint: row.hint, leaseMs, leasedAt, stopping });
    try {
      await observe(claim);
    } finally {
      await db.deleteFrom('work').where('kind', '=', 'pull-request').where('key', '=', row.key).execute();
    }
  }
}
