import type { FakeGitHub } from '@ephemera/fake-github';
import {
  createWorkflowAuthenticator,
  type WorkflowAuthenticator,
  type WorkflowAuthenticatorOptions,
} from '../src/oidc/authenticator.ts';
import type { Database } from '../src/store/database.ts';
import { githubOf, silent } from './observing.ts';

export const audience = 'https://ephemera.example';

export interface WorkflowOptions {
  readonly repositoryIds?: readonly number[];
  readonly ownerIds?: readonly number[];
  /** Default true: the fake's App is the server's. */
  readonly app?: boolean;
  /** The clock by which keys are kept. Default: the process's. */
  readonly keysNow?: () => number;
  /** The clock by which GitHub is asked. Default: the process's. */
  readonly askNow?: () => number;
  /** Default: nobody reads it. */
  readonly log?: WorkflowAuthenticatorOptions['log'];
}

/** Takes tokens of the fake's workflows; each one begins without anything that it remembers. */
export function workflowsOf(db: Database, fake: FakeGitHub, options: WorkflowOptions = {}): WorkflowAuthenticator {
  const { repositoryIds = [], ownerIds = [], app = true, keysNow, askNow, log = silent } = options;
  return createWorkflowAuthenticator({
    settings: { issuer: fake.settings.OIDC_ISSUER, audience, repositoryIds, ownerIds },
    db,
    github: app ? githubOf(fake) : undefined,
    log,
    ...(keysNow && { keys: { now: keysNow } }),
    ...(askNow && { installed: { now: askNow } }),
  });
}
