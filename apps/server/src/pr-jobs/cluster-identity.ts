import { kubeErrors, type Cluster } from '@ephemera/kube';

/** Two spellings of one address become the same text. Pure. */
export function addressOf(server: string): string {
  return URL.canParse(server) ? new URL(server).href.replace(/\/+$/, '') : server;
}

/** Every cluster has it from its first second on, and nobody can remove it: its UID is what people use as the cluster's own. */
const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' };
const form = /^[\w-]{1,64}$/;
/** A cluster that is away is told soon, and not after all that one call may take. */
const answerMs = 5_000;

/**
 * Which cluster it is, whatever the address that leads there. Undefined where its account may not read that, and where it has none of the
 * usual form. Throws where the cluster does not answer: what is not known now could be known in a minute, and would be another name then.
 */
export async function uidOf(cluster: Cluster): Promise<string | undefined> {
  await cluster.version({ timeoutMs: answerMs });
  try {
    const uid = (await cluster.get(namespace))?.metadata.uid;
    return uid !== undefined && form.test(uid) ? uid : undefined;
  } catch (error) {
    if (error instanceof kubeErrors.Forbidden) return undefined;
    throw error;
  }
}
