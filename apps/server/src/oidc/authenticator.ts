import type { GitHub } from '@ephemera/github';
import type { Logger } from 'pino';
import type { Database } from '../store/database.ts';
import type { Caller } from '../tokens/caller.ts';
import type { WorkflowRun } from './claims.ts';
import { OidcRepositoryNotAllowed } from './errors.ts';
import { createInstalled, type Installed, type InstalledOptions } from './installed.ts';
import { createIssuerKeys, type KeysOptions } from './keys.ts';
import { seldom } from './seldom.ts';
import type { OidcSettings } from './settings.ts';
import { verifyToken } from './verify.ts';
import { workflowCaller } from './workflow-caller.ts';

export interface WorkflowAuthenticatorOptions {
  readonly settings: OidcSettings;
  readonly db: Database;
  /** Undefined: no App is configured, so that the two lists alone say who may. */
  readonly github: GitHub | undefined;
  readonly log: Pick<Logger, 'debug' | 'warn'>;
  /** Default: the clock. */
  readonly now?: () => Date;
  readonly keys?: Pick<KeysOptions, 'timeoutMs' | 'now'>;
  readonly installed?: Pick<InstalledOptions, 'now'>;
}

/** Who sends a token of GitHub Actions. */
export type WorkflowAuthenticator = (token: string) => Promise<Caller>;

const because: Readonly<Record<Exclude<Installed, 'active'> | 'unconfigured', string>> = {
  absent: 'the App is not installed there',
  suspended: 'the App’s installation there is suspended',
  unconfigured: 'it is not among those that are set, and this server has no GitHub App',
};

/** Throws the errors of `errors.ts`: nobody is let in without a good signature, and without being allowed by id. */
export function createWorkflowAuthenticator(options: WorkflowAuthenticatorOptions): WorkflowAuthenticator {
  const { settings, db, github, log, now = () => new Date() } = options;
  const { issuer, audience } = settings;
  const keys = createIssuerKeys({
    issuer,
    onFailure: seldom(({ message }) => log.warn({ err: message }, 'no token of GitHub Actions can be checked for now')),
    ...options.keys,
  });
  const installed = github && createInstalled({ db, github, log, ...options.installed });
  return async (token) => {
    const run = await verifyToken(token, { keys, issuer, audience, now: now() });
    if (!isListed(run, settings)) await demandApp(run, installed);
    const { repository, runId, event, actor } = run;
    log.debug({ repository: repository.fullName, repositoryId: repository.id, runId, event, actor }, 'a workflow asks');
    return workflowCaller(run, issuer);
  };
}

function isListed(run: WorkflowRun, { repositoryIds, ownerIds }: OidcSettings): boolean {
  return repositoryIds.includes(run.repository.id) || ownerIds.includes(run.ownerId);
}

async function demandApp(
  run: WorkflowRun,
  installed: ((run: WorkflowRun) => Promise<Installed>) | undefined,
): Promise<void> {
  const state = installed ? await installed(run) : 'unconfigured';
  if (state === 'active') return;
  const { repository, ownerId } = run;
  throw new OidcRepositoryNotAllowed({
    repository: repository.fullName,
    repositoryId: repository.id,
    ownerId,
    because: because[state],
  });
}
