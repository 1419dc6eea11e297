import type { Change, Cluster } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import { created, intend, living } from '../ledger/ledger.ts';
import { timeline } from '../store/events.ts';
import { watchNamespaces } from './watch.ts';

const namespace = (name: string, change: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, uid: `uid-of-${name}`, ...change },
});

const ref = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', name });

/** A cluster whose watch says this, and then nothing more. */
const saying = (...changes: Change<KubeObject>[]) =>
  ({
    ours: 'ephemera.dev/instance=a1',
    watch: async (_kind: string, { onChange }: { onChange: (change: Change<KubeObject>) => void }) =>
      changes.forEach(onChange),
  }) as unknown as Cluster;

test('the first list wakes what was deleted, is being deleted, or came back while nobody watched, and nothing else', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const log = pino({ level: 'silent' });
  const make = async (name: string, change: Parameters<typeof storeEnvironment>[1] = {}) => {
    const prNumber = Number(name.slice(-1));
    const { id } = await storeEnvironment(db, { namespace: name, prNumber, ...change });
    if (change?.status !== 'destroyed') {
      await intend(db, id, ref(name));
      await created(db, id, ref(name), `uid-of-${name}`);
    }
    return String(id);
  };
  await make('well-1');
  const missing = await make('missing-2');
  const terminating = await make('terminating-3');
  const destroyed = { status: 'destroyed', wantedState: 'closed', destroyedAt: new Date(Date.now() - 60_000) } as const;
  const back = await make('back-4', destroyed);
  await make('going-5', { ...destroyed, destroyedAt: new Date() });

  const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  const objects = [
    namespace('well-1'),
    namespace('terminating-3', leaving),
    namespace('back-4'),
    // Its removal was confirmed after this list had left the API server.
    namespace('going-5'),
    namespace('strange-6'),
  ];
  await watchNamespaces({ db, cluster: saying({ type: 'listed', objects }), log }, new AbortController().signal);

  const due = async () => (await db.selectFrom('work').select('key').execute()).map(({ key }) => key).toSorted();
  await vi.waitFor(async () => expect(await due()).toEqual([missing, terminating, back].toSorted()), 5_000);
  expect(await living(db, Number(back))).toMatchObject([{ name: 'back-4', uid: 'uid-of-back-4' }]);
  expect(await timeline(db, Number(back))).toMatchObject([{ kind: 'note', name: 'orphan_namespace' }]);
});

test('a namespace that ends wakes its environment; one that merely changes does not', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const [ends, changes] = [
    await storeEnvironment(db, { namespace: 'ends-1', prNumber: 1 }),
    await storeEnvironment(db, { namespace: 'changes-2', prNumber: 2 }),
  ];
  const cluster = saying(
    { type: 'changed', object: namespace(changes.namespace) },
    { type: 'deleted', object: namespace(ends.namespace) },
  );
  await watchNamespaces({ db, cluster, log: pino({ level: 'silent' }) }, new AbortController().signal);
  await vi.waitFor(async () => {
    const rows = await db.selectFrom('work').select('key').execute();
    expect(rows).toEqual([{ key: String(ends.id) }]);
  }, 5_000);
});

test('a namespace that gets our label back wakes its environment, also when that is seen only in a list', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const foreign = { status: 'failed', reason: 'kube.foreign' } as const;
  const seen = await storeEnvironment(db, { ...foreign, namespace: 'seen-1', prNumber: 1 });
  const listed = await storeEnvironment(db, { ...foreign, namespace: 'listed-2', prNumber: 2 });
  await storeEnvironment(db, { status: 'ready', namespace: 'ready-3', prNumber: 3 });
  const due = async () => (await db.deleteFrom('work').returning('key').execute()).map(({ key }) => key);
  const log = pino({ level: 'silent' });
  let tell: (change: Change<KubeObject>) => void = () => {};
  const cluster = {
    ours: 'ephemera.dev/instance=a1',
    watch: async (_kind: string, { onChange }: { onChange: typeof tell }) => (tell = onChange),
  } as unknown as Cluster;
  await watchNamespaces({ db, cluster, log }, new AbortController().signal);

  tell({ type: 'listed', objects: [namespace('listed-2'), namespace('ready-3')] });
  await vi.waitFor(async () => expect(await due()).toEqual([String(listed.id)]), 5_000);
  // The label taken off: the watch ends for it, without a word of deletion.
  tell({ type: 'deleted', object: namespace('seen-1') });
  await vi.waitFor(async () => expect(await due()).toEqual([String(seen.id)]), 5_000);
  tell({ type: 'changed', object: namespace('seen-1') });
  await vi.waitFor(async () => expect(await due()).toEqual([String(seen.id)]), 5_000);
});
