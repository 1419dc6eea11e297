import { instanceLabel, type KubeObject } from '@ephemera/model';
import type { ApiServer } from '../api-server.ts';
import { waitFor } from '../wait.ts';

export interface NamespaceOptions {
  readonly api: ApiServer;
  /** Also the name of the namespace. */
  readonly instance: string;
  readonly signal: AbortSignal;
}

const timeoutMs = 180_000;

/** A namespace for all that is measured, ready to run pods. Disposing removes it, also after Ctrl-C, and waits until it is gone. */
export async function benchNamespace({
  api,
  instance,
  signal,
}: NamespaceOptions): Promise<{ readonly name: string } & AsyncDisposable> {
  const path = `/api/v1/namespaces/${instance}`;
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    await api.call('DELETE', path).catch(ifGone);
    await waitFor({
      what: `namespace ${instance} to be gone`,
      timeoutMs,
      everyMs: 200,
      // Not that of the run: what was interrupted has to be cleaned up as well.
      signal: AbortSignal.timeout(timeoutMs),
      look: () => namespacesLeft(api, instance),
      until: ({ length }) => length === 0,
    });
  });
  await api.call('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: instance, labels: { [instanceLabel]: instance } },
  });
  await waitFor({
    what: 'the service account of the namespace',
    timeoutMs: 30_000,
    everyMs: 50,
    signal,
    look: () => api.call('GET', `${path}/serviceaccounts/default`).then(() => true, ifGone),
    until: (there) => there === true,
  });
  const owned = stack.move();
  return { name: instance, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** As `kind/namespace/name`. */
export async function namespacesLeft(api: ApiServer, instance: string): Promise<readonly string[]> {
  const selector = encodeURIComponent(`${instanceLabel}=${instance}`);
  const { items } = await api.call<{ items: readonly KubeObject[] }>(
    'GET',
    `/api/v1/namespaces?labelSelector=${selector}`,
  );
  return items.map(({ metadata }) => `Namespace//${metadata.name}`);
}

function ifGone(error: Error): undefined {
  if (!error.message.includes(': 404 ')) throw error;
}
