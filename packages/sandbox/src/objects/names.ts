import { shortHash } from '@ephemera/model';

/** The container that everything runs in. */
export const containerName = 'sandbox';
/** The key of the ConfigMap, and the name of the file in the pod. */
export const runnerKey = 'runner';

export function isSandboxId(id: unknown): id is string {
  return typeof id === 'string' && /^sandbox-[0-9a-f]{10}$/.test(id);
}

/** Five random bytes → the id of a sandbox, which is also the name of its Job. */
export function idOf(random: Uint8Array): string {
  return `sandbox-${Buffer.from(random).toString('hex')}`;
}

/** Whose names are apart from each other, within one namespace of the cluster. */
export interface NameSpace {
  readonly instance: string | undefined;
  readonly owner: string | undefined;
}

/**
 * The id of the sandbox that has this name of the user's. Made of the name, so that the cluster itself lets one of many who create it at
 * once go first: there is one Job of a name. Rejected: a random id with a label, where two who find none both make one.
 */
export function idOfName(name: string, { instance, owner }: NameSpace): string {
  return `sandbox-${shortHash(['sandbox', instance ?? '', owner ?? '', name])}`;
}

export function runnerConfigName(id: string): string {
  return `${id}-runner`;
}
