import { EphemeraError } from '@ephemera/model';
import { Sandbox, type SandboxPlace } from '@ephemera/sandbox';
import type { SandboxRow } from '../store/schema.ts';
import type { HostOf } from './deps.ts';

/** A sandbox that this process is connected to, for as long as it is not disposed. */
export interface OpenSandbox extends Disposable {
  readonly sandbox: Sandbox;
  readonly place: SandboxPlace;
}

/** The connections of this process to sandboxes, each kept for a while after its last use: to make one takes longer than most commands. */
export interface Opened extends AsyncDisposable {
  use(row: Pick<SandboxRow, 'id' | 'account' | 'namespace'>, signal?: AbortSignal): Promise<OpenSandbox>;
  /** One that was just made. */
  add(place: SandboxPlace, env: Readonly<Record<string, string>> | undefined): OpenSandbox;
  /** It has ended, or its connection is no good: the next one gets another. Those that use it find out for themselves. */
  drop(id: string): void;
}

export interface OpenedOptions {
  readonly hostOf: HostOf;
  /** Default a minute. */
  readonly keepMs?: number;
}

interface Entry {
  readonly sandbox: Sandbox;
  readonly place: SandboxPlace;
  uses: number;
  timer: NodeJS.Timeout | undefined;
}

export function createOpened({ hostOf, keepMs = 60_000 }: OpenedOptions): Opened {
  const entries = new Map<string, Entry>();
  const finding = new Map<string, Promise<Entry>>();

  function close(id: string, entry: Entry): void {
    clearTimeout(entry.timer);
    if (entries.get(id) === entry) entries.delete(id);
    // What breaks while it is let go of concerns nobody any more.
    void entry.sandbox.disconnect().catch(() => {});
  }

  /** Closed under those that use it, it would end streams that are still good, or hide from them why they end. */
  function retire(id: string, entry: Entry): void {
    if (entries.get(id) === entry) entries.delete(id);
    if (entry.uses === 0) close(id, entry);
  }

  function closeLater(id: string, entry: Entry): void {
    entry.timer = setTimeout(() => close(id, entry), keepMs).unref();
  }

  function keep(place: SandboxPlace, env?: Readonly<Record<string, string>>): Entry {
    const before = entries.get(place.id);
    if (before) retire(place.id, before);
    const sandbox = new Sandbox(place, env === undefined ? {} : { env });
    const entry: Entry = { sandbox, place, uses: 0, timer: undefined };
    entries.set(place.id, entry);
    // Whoever asked for it may have gone.
    closeLater(place.id, entry);
    return entry;
  }

  function borrow(id: string, entry: Entry): OpenSandbox {
    clearTimeout(entry.timer);
    entry.uses += 1;
    let isOver = false;
    return {
      sandbox: entry.sandbox,
      place: entry.place,
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        entry.uses -= 1;
        if (entry.uses > 0) return;
        if (entries.get(id) === entry) closeLater(id, entry);
        else close(id, entry);
      },
    };
  }

  return {
    use: async ({ id, account, namespace }, signal) => {
      const there = entries.get(id);
      if (there) return borrow(id, there);
      // Whoever comes meanwhile waits for the same, so the one who came first cannot break it off.
      const found =
        finding.get(id) ??
        hostOf({ namespace, account })
          .find(id)
          .then((place) => keep(place))
          .finally(() => finding.delete(id));
      finding.set(id, found);
      const entry = await found;
      signal?.throwIfAborted();
      return borrow(id, entry);
    },
    add: (place, env) => borrow(place.id, keep(place, env)),
    drop: (id) => {
      const entry = entries.get(id);
      if (entry) retire(id, entry);
    },
    [Symbol.asyncDispose]: async () => {
      const open = [...entries];
      entries.clear();
      for (const [, { timer }] of open) clearTimeout(timer);
      await Promise.allSettled(open.map(([, { sandbox }]) => sandbox.disconnect()));
    },
  };
}

/** It will never be reached again. */
const ends: ReadonlySet<string> = new Set([
  'sandbox.gone',
  'sandbox.expired',
  'sandbox.evicted',
  'sandbox.out_of_memory',
  'sandbox.restarted',
  'sandbox.not_found',
]);

/** What an error says of the sandbox itself. Pure. */
export function endOf(error: unknown): 'ended' | 'lost' | undefined {
  if (!(error instanceof EphemeraError)) return undefined;
  if (ends.has(error.code)) return 'ended';
  return error.code === 'sandbox.lost' || error.code === 'sandbox.protocol' ? 'lost' : undefined;
}
