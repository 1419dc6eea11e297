import type { SandboxInfo } from '@ephemera/sandbox';
import { NotAllowed } from './errors.ts';
import { rowFor, withSandbox, type Reaching } from './reach.ts';
import { moveExpiry } from './store/sandboxes.ts';

/** Throws `sandbox.not_allowed` for a life that would be longer than the server allows. */
export async function extendForCaller(reaching: Reaching, timeoutMs: number): Promise<SandboxInfo> {
  const { deps, caller, id } = reaching;
  const row = await rowFor(deps, caller, id);
  const latest = row.createdAt.getTime() + deps.policy.longestMs;
  if (Date.now() + timeoutMs > latest) {
    const fix = `ask for an end before ${new Date(latest).toISOString()}, or make another sandbox`;
    throw new NotAllowed({ problems: [{ path: 'timeout_ms', problem: 'is longer than a sandbox may live', fix }] });
  }
  return withSandbox(reaching, async ({ sandbox }) => {
    const info = await sandbox.extend(timeoutMs);
    await moveExpiry(deps.db, { id, expiresAt: info.expiresAt });
    return info;
  });
}
