import type { Cluster } from '@ephemera/kube';
import type { RoleBinding, RoleSubject, Role, ServiceAccount } from '../rights/objects.ts';
import { rightsObjects } from '../rights/objects.ts';
import { appAccount, managerBinding, managerRole, managerRules, sandboxAccount } from '../rights/rules.ts';
import { applyAgain, fault, fine, someOf, type Finding } from './check-result.ts';
import { bindingText, deleteCommand, namesObjects, otherBindings } from './other-bindings.ts';
import { compareRules } from './role-rights.ts';

export interface Place {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly signal?: AbortSignal | undefined;
}

export async function checkAppAccount({ cluster, namespace, signal }: Place): Promise<Finding> {
  const [wanted] = rightsObjects(namespace).accounts;
  const found = await cluster.get<ServiceAccount>(refIn(wanted, namespace), signal);
  return found === undefined ? absent(wanted.kind, appAccount, namespace) : fine(`is in ${namespace}`);
}

export async function checkSandboxAccount({ cluster, namespace, signal }: Place): Promise<Finding> {
  const [, wanted] = rightsObjects(namespace).accounts;
  const found = await cluster.get<ServiceAccount>(refIn(wanted, namespace), signal);
  if (found === undefined) return absent(wanted.kind, sandboxAccount, namespace);
  return found.automountServiceAccountToken === false
    ? fine(`is in ${namespace}, and its pods get no token`)
    : fault('gives its pods a token: automountServiceAccountToken is not false', applyAgain(namespace));
}

export async function checkRole({ cluster, namespace, signal }: Place): Promise<Finding> {
  const { role } = rightsObjects(namespace);
  const found = await cluster.get<Role>(refIn(role, namespace), signal);
  if (found === undefined) return absent(role.kind, managerRole, namespace);
  const { missing, extra } = compareRules(found.rules ?? [], managerRules);
  if (missing.length === 0 && extra.length === 0) return fine('gives what sandboxes need, and nothing else');
  const parts = [
    ...(missing.length === 0 ? [] : [`does not give ${someOf(missing)}`]),
    ...(extra.length === 0 ? [] : [`gives more than it should: ${someOf(extra)}`]),
  ];
  return fault(parts.join('; '), applyAgain(namespace));
}

export async function checkBinding({ cluster, namespace, signal }: Place): Promise<Finding> {
  const { binding } = rightsObjects(namespace);
  const found = await cluster.get<RoleBinding>(refIn(binding, namespace), signal);
  if (found === undefined) return absent(binding.kind, managerBinding, namespace);
  const { kind, name } = found.roleRef;
  if (kind !== 'Role' || name !== managerRole) {
    return fault(
      `gives the ${kind} ${name} instead of the Role ${managerRole}`,
      `What it gives cannot be changed. Run: kubectl delete rolebinding ${managerBinding} -n ${namespace}. ${applyAgain(namespace)}`,
    );
  }
  const subjects = found.subjects ?? [];
  const others = subjects.filter((subject) => !isAccount(subject, appAccount, namespace));
  if (others.length === subjects.length) {
    return fault(
      `does not name ${appAccount}, but ${someOf(others.map(subjectText)) || 'nobody'}`,
      applyAgain(namespace),
    );
  }
  return others.length === 0
    ? fine(`gives ${managerRole} to ${appAccount} only`)
    : fault(`gives ${managerRole} also to ${someOf(others.map(subjectText))}`, applyAgain(namespace));
}

/** Bindings in other namespaces, and of single objects, are nothing that a question about all objects here would find. */
export async function checkOtherBindings({ cluster, namespace, signal }: Place): Promise<Finding> {
  const [inNamespaces, ofCluster] = await Promise.all([
    cluster.list<RoleBinding>('rbac.authorization.k8s.io/v1/RoleBinding', { signal }),
    cluster.list<RoleBinding>('rbac.authorization.k8s.io/v1/ClusterRoleBinding', { signal }),
  ]);
  const { certain, ofEverybody } = otherBindings([...inNamespaces.items, ...ofCluster.items], namespace);
  const others = [...certain];
  for (const one of ofEverybody) {
    const { kind, name } = one.binding.roleRef;
    const role = await cluster.get<Role>({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, name }, signal);
    if (role !== undefined && namesObjects(role)) others.push(one);
  }
  if (others.length === 0) return fine('none gives these accounts anything');
  const commands = others.slice(0, 3).map(deleteCommand);
  return fault(someOf(others.map(bindingText), 3), `If nobody else needs it, run: ${commands.join('; ')}`);
}

function absent(kind: string, name: string, namespace: string): Finding {
  return fault(`there is no ${kind} ${name} in ${namespace}`, applyAgain(namespace));
}

function refIn(
  object: { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string } },
  namespace: string,
) {
  return { apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name, namespace };
}

function isAccount({ kind, name, namespace }: RoleSubject, account: string, home: string): boolean {
  return kind === 'ServiceAccount' && name === account && namespace === home;
}

function subjectText({ kind, name, namespace }: RoleSubject): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${name} of ${namespace}`;
}
