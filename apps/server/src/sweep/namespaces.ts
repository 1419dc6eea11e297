import { isOwned, kubeErrors, refOf } from '@ephemera/kube';
import { refText, type KubeObject } from '@ephemera/model';
import { foundAgain, isBack } from '../environment/found-again.ts';
import { livingNamespaces } from '../ledger/ledger.ts';
import { environmentsByNamespaces, openEnvironmentsFailedBy } from '../store/environments.ts';
import type { Environment, Sweep } from '../store/schema.ts';
import { enqueue } from '../store/work.ts';
import type { Pass } from './pass.ts';

/**
 * Our namespaces against rows and ledger, both ways. `previous` is the newest complete pass before this one: what no row knows is removed
 * only when that one has seen it too. Returns the namespaces that are there to stay, for what is compared inside them.
 */
export async function sweepNamespaces(pass: Pass, previous: Sweep | undefined): Promise<readonly KubeObject[]> {
  const { db, cluster, claim } = pass;
  // First the ledger, then the list: what is made in between is in the list only, and no line misses it.
  const claimed = await claimedNamespaces(pass);
  const listedAt = new Date();
  claim.assertHeld();
  const { items } = await cluster.list<KubeObject>('v1/Namespace', {
    labelSelector: cluster.ours,
    signal: claim.signal,
  });
  const rows = await environmentsByNamespaces(
    db,
    items.map(({ metadata }) => metadata.name),
  );
  const rowOf = new Map(rows.map((row) => [row.namespace, row]));
  for (const namespace of items) {
    const row = rowOf.get(namespace.metadata.name);
    await pass.isolated(refText(refOf(namespace)), async () => {
      if (!row) await sweepUnknown(pass, namespace, { previous, listedAt });
      else if (isBack(row, namespace, listedAt)) await sweepOrphan(pass, namespace, row);
    });
  }
  const present = new Set(items.map(({ metadata }) => metadata.name));
  for (const one of claimed) {
    if (!present.has(one.name)) await pass.isolated(`Namespace//${one.name}`, () => sweepAbsent(pass, one));
  }
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

async function sweepOrphan(pass: Pass, namespace: KubeObject, row: Environment): Promise<void> {
  await pass.foundToRemove(
    {
      kind: 'orphan_namespace',
      subject: refText(refOf(namespace)),
      environmentId: row.id,
      action: 'enqueued',
      detail: 'Its environment is destroyed.',
    },
    () => pass.claim.write((tx) => foundAgain(tx, row, namespace)),
  );
}

interface Seen {
  readonly previous: Sweep | undefined;
  readonly listedAt: Date;
}

/** With our mark, but of no environment that this database knows. It may be one that a restored backup has forgotten: no haste. */
async function sweepUnknown(pass: Pass, namespace: KubeObject, { previous, listedAt }: Seen): Promise<void> {
  const { metadata } = namespace;
  if (metadata.deletionTimestamp !== undefined) return;
  const subject = refText(refOf(namespace));
  const finding = { kind: 'orphan_namespace', subject };
  const ageMs = listedAt.getTime() - Date.parse(metadata.creationTimestamp ?? '');
  const seenBefore = previous?.findings.some(({ kind, subject: other }) => kind === finding.kind && other === subject);
  if (!(ageMs > pass.graceMs) || !seenBefore || !pass.complete) {
    const detail = 'No environment is known for it; it is removed when a later complete pass still finds it.';
    await pass.found({ ...finding, action: 'reported', detail });
    return;
  }
  const detail = 'No environment is known for it, and the pass before has seen it too.';
  await pass.foundToRemove({ ...finding, action: 'removed', detail }, async () => {
    pass.claim.assertHeld();
    await pass.cluster.remove(refOf(namespace), { uid: metadata.uid, signal: pass.claim.signal });
  });
}

/** A namespace that an open environment has, or would have. */
interface Claimed {
  readonly id: number;
  readonly repositoryId: number;
  readonly name: string;
  /** Whether the cluster ever confirmed it as made for us. */
  readonly isMade: boolean;
}

/** By the ledger; and where the name was somebody else’s from the start, so that the ledger has no line of it. */
async function claimedNamespaces({ db }: Pass): Promise<Claimed[]> {
  const lines = (await livingNamespaces(db)).filter(({ wantedState }) => wantedState === 'open');
  const recorded = new Set(lines.map(({ name }) => name));
  const refused = await openEnvironmentsFailedBy(db, kubeErrors.Foreign.code);
  return [
    ...lines.map(({ id, repositoryId, name, uid }) => ({ id, repositoryId, name, isMade: uid !== null })),
    ...refused
      .filter(({ namespace }) => !recorded.has(namespace))
      .map(({ id, repositoryId, namespace: name }) => ({ id, repositoryId, name, isMade: false })),
  ];
}

/** Recorded as ours, and not among ours: gone, or somebody else’s by now. Only a read of itself tells. */
async function sweepAbsent(pass: Pass, line: Claimed): Promise<void> {
  const { db, cluster, claim } = pass;
  const subject = `Namespace//${line.name}`;
  claim.assertHeld();
  const found = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: line.name }, claim.signal);
  // Made since the list was read.
  if (found && isOwned(found, cluster.owner)) return;
  const look = () => enqueue(db, { kind: 'environment', key: String(line.id), fairKey: String(line.repositoryId) });
  const about = { subject, environmentId: line.id } as const;
  if (found) {
    const detail = 'It has the name of a namespace of ours without our mark, and is left alone.';
    await pass.found({ ...about, kind: 'foreign_object', action: 'reported', detail }, look);
  } else if (line.isMade) {
    await pass.found(
      { ...about, kind: 'missing_namespace', action: 'enqueued', detail: 'It was made and is not there.' },
      look,
    );
  }
}
