import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeGitHub } from '@ephemera/fake-github';
import { expect, test } from 'vitest';
import { startApiProxy, type Fate } from './api-proxy.ts';
import { kubectlJson } from './kubectl.ts';
import { startServerProcess } from './server-process.ts';
import { soon, told, type Shown } from './world.ts';

interface Namespaces {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly labels: Record<string, string> } }[];
}

const moments: Record<string, (call: { method: string; path: string }) => Fate> = {
  'before the namespace was made': ({ method, path }) =>
    method === 'PATCH' && path.startsWith('/api/v1/namespaces/pr-') ? 'hold' : 'forward',
  'after the namespace was made, before the answer came': ({ method, path }) =>
    method === 'PATCH' && /^\/api\/v1\/namespaces\/pr-[^/]*\?/.test(path) ? 'forward-and-drop' : 'forward',
  'between the namespace and its quota': ({ method, path }) =>
    method === 'PATCH' && path.includes('/resourcequotas/') ? 'hold' : 'forward',
};

test.each(Object.keys(moments))(
  'kill -9 of the server %s: a restart converges, makes nothing twice, and closing leaves nothing',
  async (moment) => {
    await using github = await startFakeGitHub({ port: 0 });
    await using proxy = await startApiProxy();
    using folder = dataDir();
    const settings = {
      ...github.settings,
      KUBECONFIG_PATH: proxy.kubeconfigPath,
      DATA_DIR: folder.path,
      WORK_LEASE_SECONDS: '2',
    };

    const first = await startServerProcess(settings);
    github.setWebhookUrl(`${first.url}/webhooks/github`);
    const repository = await github.repository({ owner: 'acme', name: 'shop' });
    const reached = Promise.withResolvers<void>();
    proxy.decide = (call) => {
      const fate = moments[moment]?.(call) ?? 'forward';
      if (fate !== 'forward') reached.resolve();
      return fate;
    };
    const pull = await repository.open({ head: 'feat/cart' });
    await reached.promise;
    await first.kill();

    proxy.decide = () => 'forward';
    await using second = await startServerProcess(settings);
    github.setWebhookUrl(`${second.url}/webhooks/github`);
    const environments = async () => (await (await fetch(`${second.url}/api/v1/environments`)).json()) as Shown[];
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
