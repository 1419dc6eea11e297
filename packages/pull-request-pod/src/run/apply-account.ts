import { isOwned, kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { describeRef, EphemeraError, type KubeObject } from '@ephemera/model';
import { roleBindingObject, roleObject, serviceAccountObject, type RoleObject } from '../objects/account.ts';
import { PrJobNamespaceMissing } from '../objects/errors.ts';
import { accountOwner } from '../objects/labels.ts';
import type { RoleProfile } from '../pull-request-pod.ts';
import { readAccount, type FoundAccount } from './account-refs.ts';
import { atOnce } from './at-once.ts';
import { covers } from './covers.ts';
import { presentJobs } from './owners.ts';
import { refuseForeignSecrets } from './secrets.ts';
import type { PrJobTarget } from './target.ts';

export interface AppliedAccount {
  /** ServiceAccount, Role and RoleBinding as they are now. */
  readonly objects: readonly KubeObject[];
  /** Whether any of them was not there before. */
  readonly isNew: boolean;
  /** Takes back what this call has written, where nobody else has come to need it. */
  readonly undo: () => Promise<void>;
}

export interface AccountWish {
  readonly profile: RoleProfile;
  /** The account as it was just read. Default: it is read. */
  readonly read?: FoundAccount | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes ServiceAccount, Role and RoleBinding as they should be. Nothing is written where one of them is somebody else's (`kube.foreign`) or
 * being removed (`kube.terminating`), nor where it is as it should be. Their owners are left as they are: see `ownByJobs`. What is refused
 * leaves nothing.
 *
 * With the profile `seed` the Secrets are looked at once more when the Role is there and not yet bound: a Secret that comes later is one
 * whose maker can see the Role. Of the two that come at once, at least one is refused. An account that had the profile `minimal` is bound
 * already: for it the Role is wider between the two looks, and made narrow again when the second one finds something. To take the binding
 * away meanwhile would break the builds of its Jobs that run.
 */
export async function applyAccount(
  cluster: Cluster,
  target: PrJobTarget,
  { profile, read, signal }: AccountWish,
): Promise<AppliedAccount> {
  const owned = cluster.as(accountOwner(target));
  const before = read ?? (await readAccount(cluster, target, signal));
  for (const object of before) assertUsable(owned, object);
  const writing = startWriting(owned, target, { before, signal });
  try {
    const [account, role] = await atOnce([
      writing.write(serviceAccountObject(target), 0),
      writing.write(roleObject(target, profile), 1),
    ]);
    if (profile === 'seed') await refuseForeignSecrets(cluster, target, signal);
    const binding = await writing.write(roleBindingObject(target), 2);
    return { objects: [account, role, binding], isNew: before.includes(undefined), undo: writing.undo };
  } catch (error) {
    if (isFinal(error)) await writing.undo();
    throw error;
  }
}

/** Whether a repetition would meet it again. What may help itself is left as it is: the repetition finds what is there. */
export function isFinal(error: unknown): boolean {
  return error instanceof EphemeraError && !error.retryable && !(error instanceof kubeErrors.NotFound);
}

interface Writing {
  readonly write: (object: KubeObject, at: number) => Promise<KubeObject>;
  readonly undo: () => Promise<void>;
}

function startWriting(
  owned: Cluster,
  target: PrJobTarget,
  { before, signal }: { readonly before: FoundAccount; readonly signal: AbortSignal | undefined },
): Writing {
  const made: KubeObject[] = [];
  let changedRole: KubeObject | undefined;
  const put = async (object: KubeObject, found: KubeObject | undefined): Promise<KubeObject> => {
    if (found) return owned.apply(object, { read: found, signal });
    // By POST: of an apply, nothing would tell that somebody else's has come in between.
    const { object: there, created } = await owned.create(object, signal);
    return created || covers(there, object) ? there : owned.apply(object, { read: there, signal });
  };
  return {
    write: async (object, at) => {
      const found = before[at];
      if (found && covers(found, object)) return found;
      const written = await put(object, found).catch((error: unknown) => {
        // An object of an account needs nothing else to be there.
        if (error instanceof kubeErrors.NotFound) throw new PrJobNamespaceMissing({ namespace: target.namespace });
        throw error;
      });
      if (!found) made.push(written);
      else if (object.kind === 'Role') changedRole = written;
      return written;
    },
    undo: async () => {
      const former = before[1] as RoleObject | undefined;
      try {
        // Whoever has made a Job meanwhile works as this account.
        if (made.length > 0 && (await presentJobs(owned, target)).length === 0) await removeMade(owned, made);
        if (changedRole && former) await restoreRules(owned, changedRole, former);
      } catch (error) {
        // The refusal is what the caller has to know. What stays is what a crash leaves: the next call, cleanup and sweep find it.
        if (!(error instanceof EphemeraError)) throw error;
      }
    },
  };
}

/** The last first, and only as it was made: whoever works as this account by now has written his Job into it. */
async function removeMade(owned: Cluster, made: readonly KubeObject[]): Promise<void> {
  // Not by the caller's signal: it has to be cleaned up.
  for (const object of made.toReversed()) {
    const { uid, resourceVersion } = object.metadata;
    await owned.remove(refOf(object), { uid, resourceVersion });
  }
}

async function restoreRules(owned: Cluster, changed: KubeObject, { rules }: RoleObject): Promise<void> {
  const { uid, resourceVersion } = changed.metadata;
  await owned.patch(refOf(changed), { uid, read: changed, merge: { metadata: { resourceVersion }, rules } });
}

function assertUsable({ owner }: Cluster, object: KubeObject | undefined): void {
  if (object === undefined) return;
  const what = describeRef(refOf(object));
  if (!isOwned(object, owner)) throw new kubeErrors.Foreign({ what, owner: 'somebody else' });
  if (object.metadata.deletionTimestamp !== undefined) throw new kubeErrors.Terminating({ what });
}
