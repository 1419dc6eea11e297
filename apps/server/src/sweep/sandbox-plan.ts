import type { SandboxInfo } from '@ephemera/sandbox';
import type { SandboxRow } from '../store/schema.ts';

/** What a pass does about one row. */
export type SandboxPlan =
  | { readonly do: 'nothing' }
  /** The cluster has nothing of it. */
  | { readonly do: 'forget' }
  /** It ended before its time: it counts no more. */
  | { readonly do: 'note_end' }
  /** It was extended, and the database has not heard of it. */
  | { readonly do: 'note_expiry'; readonly expiresAt: string }
  | {
      readonly do: 'remove';
      readonly kind: 'expired_sandbox' | 'revoked_sandbox' | 'unfinished_sandbox';
      readonly because: string;
    };

export interface Seen {
  readonly row: SandboxRow;
  /** As the cluster has it. Undefined: it has nothing of that id. */
  readonly info: SandboxInfo | undefined;
  readonly now: Date;
  readonly graceMs: number;
  /** The token that it belongs to was revoked, so nobody can reach it any more. Default: false. */
  readonly isRevoked?: boolean;
}

const nothing: SandboxPlan = { do: 'nothing' };

/** To remove something takes two facts: what the database says, and what the cluster has. Pure. */
export function planSandbox({ row, info, now, graceMs, isRevoked = false }: Seen): SandboxPlan {
  if (row.readyAt === null) {
    // Its maker says again and again that it is at work.
    if (row.endedAt === null && row.settlesAt > now) return nothing;
    if (!info) return { do: 'forget' };
    return { do: 'remove', kind: 'unfinished_sandbox', because: 'It was begun, and whoever made it has not ended it.' };
  }
  if (!info) return { do: 'forget' };
  const late = now.getTime() - graceMs;
  const clusterSays = Date.parse(info.expiresAt);
  if (info.state === 'ended') {
    if (row.endedAt === null) return { do: 'note_end' };
    // The cluster removes what has ended some minutes later by itself.
    if (row.endedAt.getTime() > late) return nothing;
    return { do: 'remove', kind: 'expired_sandbox', because: 'It has ended, and the cluster does not remove it.' };
  }
  if (isRevoked) return { do: 'remove', kind: 'revoked_sandbox', because: 'The token that made it was revoked.' };
  if (row.expiresAt.getTime() > late || !(clusterSays <= late)) {
    const isSame = Number.isNaN(clusterSays) || clusterSays === row.expiresAt.getTime();
    return isSame ? nothing : { do: 'note_expiry', expiresAt: new Date(clusterSays).toISOString() };
  }
  return { do: 'remove', kind: 'expired_sandbox', because: `Its time was over at ${info.expiresAt}.` };
}
