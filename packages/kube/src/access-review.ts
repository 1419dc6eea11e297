import type { Connection } from './connection.ts';
import { call } from './request.ts';

/** One right in the whole cluster. `*` stands for all. */
export interface Right {
  readonly verb: string;
  /** API group; empty for the core. */
  readonly group: string;
  /** Plural, for example `namespaces`. */
  readonly resource: string;
}

/** Whether the account that we are has this right in every namespace, as the API server itself judges. */
export async function mayI(connection: Connection, right: Right, signal?: AbortSignal): Promise<boolean> {
  const { verb, group, resource } = right;
  const answer = await call<{ status?: { allowed?: boolean } }>(connection, {
    // A review is a question in the form of a creation: it leaves nothing and can be repeated.
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, group, resource } },
    },
    what: `Asking for the right to ${verb} ${resource}`,
    signal,
  });
  return answer.status?.allowed === true;
}
