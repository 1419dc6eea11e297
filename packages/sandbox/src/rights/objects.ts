import type { KubeObject } from '@ephemera/model';
import { appAccount, managerBinding, managerRole, managerRules, sandboxAccount } from './rules.ts';

export interface ServiceAccount extends KubeObject {
  readonly automountServiceAccountToken?: boolean;
}

export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
  /** Only these objects. */
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface Role extends KubeObject {
  readonly rules?: readonly PolicyRule[] | null;
}

export interface RoleSubject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly apiGroup?: string;
}

export interface RoleBinding extends KubeObject {
  readonly roleRef: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects?: readonly RoleSubject[];
}

export interface RightsObjects {
  readonly accounts: readonly [ServiceAccount, ServiceAccount];
  readonly role: Role;
  readonly binding: RoleBinding;
}

const rbac = 'rbac.authorization.k8s.io';

/**
 * The two accounts, the Role and its binding. `namespace` is where they are, and where the sandboxes will be. Without one they name no
 * namespace but in the binding's subject, which has to have one: `default`. Pure.
 */
export function rightsObjects(namespace?: string): RightsObjects {
  const metadata = (name: string) => ({ name, ...(namespace === undefined ? {} : { namespace }) });
  return {
    accounts: [
      // Whether the application wants its token is for its own pods to say.
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(appAccount) },
      {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: metadata(sandboxAccount),
        automountServiceAccountToken: false,
      },
    ],
    role: {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: metadata(managerRole),
      rules: managerRules.map(({ group, resource, verbs }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs: [...verbs],
      })),
    },
    binding: {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: metadata(managerBinding),
      roleRef: { apiGroup: rbac, kind: 'Role', name: managerRole },
      subjects: [{ kind: 'ServiceAccount', name: appAccount, namespace: namespace ?? 'default' }],
    },
  };
}
