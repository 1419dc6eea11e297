import type { Connection } from './connection.ts';
import { call } from './request.ts';

/** One right, in the whole cluster or in one namespace. `*` stands for all. */
export interface Right {
  readonly verb: string;
  /** API group; empty for the core. */
  readonly group: string;
  /** Plural, for example `namespaces`; a subresource after a slash, `pods/exec`. */
  readonly resource: string;
  /** Default: every namespace, and what is in none. */
  readonly namespace?: string;
}

/** Whether the account that we are has this right, as the API server itself judges. */
export async function mayI(connection: Connection, right: Right, signal?: AbortSignal): Promise<boolean> {
  const { verb, group, resource: full, namespace } = right;
  const [resource = '', subresource] = full.split('/');
  const answer = await call<{ status?: { allowed?: boolean } }>(connection, {
    // A review is a question in the form of a creation: it leaves nothing and can be repeated.
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, group, resource, subresource, namespace } },
    },
    what: `Asking for the right to ${verb} ${full}`,
    signal,
  });
  return answer.status?.allowed === true;
}
