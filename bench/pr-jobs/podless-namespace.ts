import { benchNamespace, type NamespaceOptions } from '../jobs/namespace.ts';
import { waitFor } from '../wait.ts';

interface Quota {
  readonly status?: { readonly hard?: Readonly<Record<string, string>> };
}

/**
 * A namespace in which Jobs are made and no pod: a quota of none refuses them before they are written. Pods would keep the scheduler, the
 * kubelet and the image store so busy on the same processors that the figures were theirs. The Job controller still tries, for both ways.
 */
export async function podlessNamespace(
  options: NamespaceOptions,
): Promise<{ readonly name: string } & AsyncDisposable> {
  const { api, signal } = options;
  await using stack = new AsyncDisposableStack();
  const { name } = stack.use(await benchNamespace(options));
  const quotas = `/api/v1/namespaces/${name}/resourcequotas`;
  await api.call('POST', quotas, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'no-pods' },
    spec: { hard: { pods: '0' } },
  });
  await waitFor({
    what: 'the quota to be in force',
    timeoutMs: 30_000,
    everyMs: 50,
    signal,
    look: () => api.call<Quota>('GET', `${quotas}/no-pods`),
    until: ({ status }) => status?.hard?.['pods'] === '0',
  });
  const owned = stack.move();
  return { name, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
