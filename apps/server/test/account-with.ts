import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createObject, kubectl } from '@ephemera/local-cluster/kubectl';
import { findAccess } from '@ephemera/kube';

const rbac = 'rbac.authorization.k8s.io';

/** Rules for the whole cluster, and for one namespace. */
export interface Rules {
  readonly everywhere: readonly object[];
  readonly inNamespace?: { readonly namespace: string; readonly rules: readonly object[] };
}

export interface Account extends AsyncDisposable {
  readonly kubeconfigPath: string;
}

/** An account with these rules and no others, and a kubeconfig that is it. */
export async function accountWith({ everywhere, inNamespace }: Rules): Promise<Account> {
  const name = `ephemera-rights-${randomBytes(5).toString('hex')}`;
  const metadata = { name };
  const subjects = [{ kind: 'ServiceAccount', name, namespace: name }];
  await createObject({ apiVersion: 'v1', kind: 'Namespace', metadata });
  await createObject({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: name } });
  await createObject({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata, rules: everywhere });
  await createObject({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
    subjects,
  });
  if (inNamespace) {
    const { namespace, rules } = inNamespace;
    const inside = { name, namespace };
    await createObject({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata: inside, rules });
    const roleRef = { apiGroup: rbac, kind: 'Role', name };
    await createObject({ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: inside, roleRef, subjects });
  }
  const token = (await kubectl(['create', 'token', name, '-n', name])).trim();
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-rights-'));
  const kubeconfigPath = join(folder, 'kubeconfig');
  writeFileSync(kubeconfigPath, kubeconfigFor(token), { mode: 0o600 });
  return {
    kubeconfigPath,
    [Symbol.asyncDispose]: async () => {
      rmSync(folder, { recursive: true });
      if (inNamespace) await kubectl(['delete', 'rolebinding,role', name, '-n', inNamespace.namespace]);
      await kubectl(['delete', 'clusterrolebinding,clusterrole', name]);
      await kubectl(['delete', 'namespace', name]);
    },
  };
}

/** The tests' cluster, as whoever has this token. */
function kubeconfigFor(token: string): string {
  const { EPHEMERA_TEST_KUBECONFIG: path, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const access = findAccess({ kubeconfigPath: path, context });
  const authority = access.certificateAuthority?.toString('base64');
  const cluster = {
    server: access.server,
    ...(authority === undefined ? {} : { 'certificate-authority-data': authority }),
  };
  return JSON.stringify({
    'current-context': 'narrow',
    clusters: [{ name: 'it', cluster }],
    users: [{ name: 'narrow', user: { token } }],
    contexts: [{ name: 'narrow', context: { cluster: 'it', user: 'narrow' } }],
  });
}
