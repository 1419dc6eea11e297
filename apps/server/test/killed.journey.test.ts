import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectlJson } from '@ephemera/local-cluster/kubectl';
import { startFakeGitHub } from '@ephemera/fake-github';
import { expect, test } from 'vitest';
import { authorizationFor } from './authorization.ts';
import { startKubeProxy } from './faults/kube-proxy.ts';
import type { HttpRule } from './faults/http-rules.ts';
import { startServerProcess } from './server-process.ts';
import { soon, told, type Shown } from './world.ts';

interface Namespaces {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly labels: Record<string, string> } }[];
}

const namespace = /^\/api\/v1\/namespaces\/pr-[^/]*\?/;
const moments: Record<string, HttpRule> = {
  'before the namespace was made': { method: 'PATCH', path: namespace, fate: 'hold' },
  'after the namespace was made, before the answer came': {
    method: 'PATCH',
    path: namespace,
    fate: 'forward-and-drop',
  },
  'between the namespace and its quota': { method: 'PATCH', path: /\/resourcequotas\//, fate: 'hold' },
};

test.each(Object.keys(moments))(
  'kill -9 of the server %s: a restart converges, makes nothing twice, and closing leaves nothing',
  async (moment) => {
    await using github = await startFakeGitHub({ port: 0 });
    await using proxy = await startKubeProxy();
    using folder = dataDir();
    const settings = {
      ...github.settings,
      KUBECONFIG_PATH: proxy.kubeconfigPath,
      DATA_DIR: folder.path,
      WORK_LEASE_SECONDS: '2',
    };

    await using first = await startServerProcess(settings);
    github.setWebhookUrl(`${first.url}/webhooks/github`);
    const repository = await github.repository({ owner: 'acme', name: 'shop' });
    using rule = proxy.rule(moments[moment] as HttpRule);
    const pull = await repository.open({ head: 'feat/cart' });
    await (moments[moment]?.fate === 'hold' ? rule.reached : rule.answered);
    await first.kill();

    proxy.clear();
    await using second = await startServerProcess(settings);
    github.setWebhookUrl(`${second.url}/webhooks/github`);
    const headers = await authorizationFor(settings);
    const environments = async () =>
      (await (await fetch(`${second.url}/api/v1/environments`, { headers })).json()) as Shown[];
    await soon(async () => expect(told(pull)).toBe('success: The environment is ready'));

    const [environment, ...others] = await environments();
    expect(others).toEqual([]);
    const label = await instanceOf(environment?.namespace ?? '');
    const made = await kubectlJson<Namespaces>('get', 'namespaces', '-l', `ephemera.dev/instance=${label}`);
    expect(made.items.map(({ metadata }) => metadata.name)).toEqual([environment?.namespace]);
    expect(pull.comments()).toHaveLength(1);

    await pull.close();
    await soon(async () => expect(told(pull)).toBe('success: Removed'));
    const left = await kubectlJson<Namespaces>('get', 'namespaces', '-l', `ephemera.dev/instance=${label}`);
    expect(left.items).toEqual([]);
  },
);

async function instanceOf(namespace: string): Promise<string> {
  const { metadata } = await kubectlJson<Namespaces['items'][number]>('get', 'namespace', namespace);
  return metadata.labels['ephemera.dev/instance'] ?? '';
}

function dataDir(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'ephemera-killed-'));
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
