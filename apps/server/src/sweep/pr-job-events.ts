import { recordPrJobEvent } from '../pr-jobs/store/events.ts';
import type { Executor } from '../store/database.ts';
import type { PrJobName } from './pr-job-names.ts';

interface Swept {
  readonly outcome: 'done' | 'failed';
  readonly code?: string | undefined;
  readonly message: string;
}

const longestMessage = 1_000;

/** What a pass has done to a name, for whoever asks where a job went. */
export async function recordSwept(
  db: Executor,
  { cluster, namespace, name, repositoryId }: Pick<PrJobName, 'cluster' | 'namespace' | 'name' | 'repositoryId'>,
  { outcome, code, message }: Swept,
): Promise<void> {
  await recordPrJobEvent(db, {
    caller: 'sweep',
    action: 'sweep',
    outcome,
    cluster,
    namespace,
    name,
    repositoryId,
    code: code ?? null,
    message: message.slice(0, longestMessage),
  });
}
