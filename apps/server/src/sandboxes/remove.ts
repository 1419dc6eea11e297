import { sandboxErrors } from '@ephemera/sandbox';
import { BeingMade } from './errors.ts';
import { rowFor, type Reaching } from './reach.ts';
import { forgetSandbox } from './store/sandboxes.ts';

const askAgainSeconds = 2;
/** Below the time after which the connection ends, and that below the time for which the client library waits. */
const longestMs = 90_000;

/** Returns when nothing is left of it. What is gone already is gone: only its row is given up. Throws what the host throws. */
export async function removeForCaller({ deps, opened, caller, id }: Reaching): Promise<void> {
  const row = await rowFor(deps, caller, id);
  // To remove it under the hands of whoever makes it could leave half of it.
  if (row.readyAt === null) throw new BeingMade({ id, retryAfterSeconds: askAgainSeconds });
  try {
    using open = await opened.use(row);
    await open.place.remove({ signal: AbortSignal.timeout(longestMs) });
  } catch (error) {
    if (!(error instanceof sandboxErrors.SandboxNotFound)) throw error;
  }
  opened.drop(id);
  await forgetSandbox(deps.db, id);
}
