import type { SandboxInfo } from '@ephemera/sandbox';
import type { SandboxRow } from '../store/schema.ts';
import type { Caller } from '../tokens/caller.ts';
import { onceReady, startingInfo, toSandboxAnswer, type SandboxAnswer } from './answers.ts';
import type { SandboxDeps } from './deps.ts';
import { sandboxRows } from './store/sandboxes.ts';

/** Those of the caller: what the database says of whose they are, and the host of how they are. Throws what the host throws. */
export async function listForCaller(
  { db, hostOf }: Pick<SandboxDeps, 'db' | 'hostOf'>,
  caller: Pick<Caller, 'account' | 'namespaces'>,
  name: string | undefined,
): Promise<SandboxAnswer[]> {
  const { account, namespaces } = caller;
  const all = await sandboxRows(db, { account, name });
  const rows = all.filter(({ namespace }) => namespaces?.includes(namespace) ?? true);
  const places = [...new Set(rows.filter(isReady).map(({ namespace }) => namespace))];
  const listed = await Promise.all(places.map((namespace) => hostOf({ namespace, account }).list()));
  const infos = new Map(listed.flat().map((info) => [info.id, info]));
  return rows.flatMap((row) => {
    const info = isReady(row) ? infos.get(row.id) : stillStarting(row);
    return info ? [toSandboxAnswer(isReady(row) ? onceReady(info) : info)] : [];
  });
}

function isReady({ readyAt }: SandboxRow): boolean {
  return readyAt !== null;
}

function stillStarting(row: SandboxRow): SandboxInfo | undefined {
  return row.endedAt === null ? startingInfo(row) : undefined;
}
