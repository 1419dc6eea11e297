import { sandboxErrors } from '@ephemera/sandbox';
import type { SandboxRow } from '../store/schema.ts';
import type { Caller } from '../tokens/caller.ts';
import type { SandboxDeps } from './deps.ts';
import { BeingMade, NotAllowed } from './errors.ts';
import { inTime } from './in-time.ts';
import { endOf, type Opened, type OpenSandbox } from './opened.ts';
import { sandboxEnded, sandboxOf } from './store/sandboxes.ts';

const form = /^sandbox-[0-9a-f]{10}$/;
const askAgainSeconds = 2;

/** A sandbox of the caller's own; those of others are not there for it. Throws `sandbox.not_found`, `sandbox.not_allowed`. */
export async function rowFor({ db }: Pick<SandboxDeps, 'db'>, caller: Caller, id: string): Promise<SandboxRow> {
  const row = form.test(id) ? await sandboxOf(db, caller.account, id) : undefined;
  if (!row || (row.readyAt === null && row.endedAt !== null)) throw new sandboxErrors.SandboxNotFound({ id });
  if (caller.namespaces && !caller.namespaces.includes(row.namespace)) {
    const fix = 'use a token that was made without --namespace, or with that one';
    throw new NotAllowed({ problems: [{ path: 'namespace', problem: 'is not one of those of the token', fix }] });
  }
  return row;
}

/** Throws `sandbox.being_made` for one that is no sandbox yet. Pure. */
export function demandReady({ id, readyAt }: Pick<SandboxRow, 'id' | 'readyAt'>): void {
  if (readyAt === null) throw new BeingMade({ id, retryAfterSeconds: askAgainSeconds });
}

export interface Reaching {
  readonly deps: SandboxDeps;
  readonly opened: Opened;
  readonly caller: Caller;
  readonly id: string;
  readonly signal?: AbortSignal;
  /** What streams takes its time; then each wait before the first byte of the answer is by `inTime`. Default: false. */
  readonly streams?: boolean;
}

/** Does something with a sandbox of the caller's; one that turns out to have ended counts no more. */
export async function withSandbox<Result>(
  { deps, opened, caller, id, signal, streams = false }: Reaching,
  run: (open: OpenSandbox) => Promise<Result>,
): Promise<Result> {
  const row = await rowFor(deps, caller, id);
  demandReady(row);
  try {
    const reached = async (): Promise<Result> => {
      using open = await (streams ? inTime(opened.use(row, signal)) : opened.use(row, signal));
      return await run(open);
    };
    return await (streams ? reached() : inTime(reached()));
  } catch (error) {
    await noteEnd({ deps, opened, id }, error);
    throw error;
  }
}

export async function noteEnd(
  { deps, opened, id }: Pick<Reaching, 'deps' | 'opened' | 'id'>,
  error: unknown,
): Promise<void> {
  const end = endOf(error);
  if (end) opened.drop(id);
  // The sweep finds it as well; why it cannot be reached is what the caller has to know.
  if (end === 'ended') await sandboxEnded(deps.db, [id]).catch(() => {});
}
