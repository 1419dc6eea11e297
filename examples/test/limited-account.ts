import { kubectl } from '@ephemera/local-cluster/kubectl';

/** A kubeconfig, as text, of an account of the namespace that has no right but to ask what rights it has. */
export async function kubeconfigWithoutRights(namespace: string): Promise<string> {
  await kubectl(['create', 'serviceaccount', 'limited', '-n', namespace]);
  const token = await kubectl(['create', 'token', 'limited', '-n', namespace]);
  const view = ['config', 'view', '--raw', '--flatten', '--minify', '-o', 'json'];
  const { clusters } = JSON.parse(await kubectl(view)) as { clusters: readonly { name: string; cluster: object }[] };
  const [cluster] = clusters;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'limited',
    clusters: [{ name: 'here', cluster: cluster?.cluster }],
    users: [{ name: 'limited', user: { token: token.trim() } }],
    contexts: [{ name: 'limited', context: { cluster: 'here', user: 'limited', namespace } }],
  });
}
