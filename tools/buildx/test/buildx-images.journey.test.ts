import { randomBytes } from 'node:crypto';
import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const { EPHEMERA_TEST_BUILDX: provided } = process.env;
const { client = '', builders = [] } = JSON.parse(provided ?? '{}') as { client?: string; builders?: string[] };
const [builder = ''] = builders;

const namespace = `buildx-images-${randomBytes(4).toString('hex')}`;
const patience = { timeout: 60_000, interval: 250 };

describe.skipIf(provided === undefined)('the images with buildx and BuildKit', () => {
  beforeAll(async () => {
    await kubectl(['create', 'namespace', namespace]);
  });
  afterAll(async () => {
    await kubectl(['delete', 'namespace', namespace, '--timeout=110s']);
  });

  test('the client has Git over HTTPS with what it trusts, and of Docker only buildx: anything else ends with 125', async () => {
    const script = `exec 2>&1
      docker version && docker buildx version
      git --version && git ls-remote https://127.0.0.1:9/x.git
      grep -c 'BEGIN CERTIFICATE' /etc/ssl/certs/ca-certificates.crt
      docker ps
      echo "ended with $?"`;
    await createPod('client', { image: client, command: ['sh', '-c', script] });
    expect(await ended('client')).toBe(0);
    const log = await kubectl(['logs', 'client', '-n', namespace]);
    expect(log).toMatch(/docker: no engine, only buildx:\n(\S+buildx v\d+\.\d+\.\d+ *\n){2}git version 2/);
    // The connection is refused, which only a Git that speaks HTTPS gets to hear.
    expect(log).toMatch(/unable to access 'https:\/\/127\.0\.0\.1:9\/x\.git\/': .*connect/i);
    expect(Number(/^\d+$/m.exec(log)?.[0])).toBeGreaterThan(50);
    expect(log).toMatch(/docker: this image has no engine; only 'docker buildx \.\.\.' .*\nended with 125\n$/);
  });

  test('a builder that may enter no user namespace says so and ends, instead of waiting for it', async () => {
    await createPod('refused', { image: builder, securityContext: { seccompProfile: { type: 'RuntimeDefault' } } });
    expect(await ended('refused')).toBe(1);
    expect(await kubectl(['logs', 'refused', '-n', namespace])).toMatch(
      /unshare: .*not permitted\nbuilder: cannot enter a user namespace/,
    );
  });

  test('a builder serves builds as root of a user namespace of its own, and stops in order at a signal', async () => {
    await createPod('builder', {
      image: builder,
      args: ['--oci-worker-no-process-sandbox', '--allow-insecure-entitlement=network.host'],
    });
    await vi.waitFor(async () => expect(await workers()).toContain('linux/'), patience);
    // Inside it is root of all ids, as an image with files of any owner needs it; so are the build's steps.
    const map = ['exec', 'builder', '-n', namespace, '--', 'sh', '-c', 'cat /proc/$(pidof buildkitd)/uid_map'];
    expect((await kubectl(map)).trim().split(/ +/)).toEqual(['0', '0', '65536']);
    await kubectl(['exec', 'builder', '-n', namespace, '--', 'kill', '-TERM', '1']);
    // Which buildkitd's own exit code calls an error.
    expect(await ended('builder')).toBe(1);
    expect(await kubectl(['logs', 'builder', '-n', namespace])).toMatch(
      /running server on .*buildkitd\.sock"\n.*stopping server"\nbuildkitd: got SIGTERM/,
    );
  });
});

const workers = (): Promise<string> =>
  kubectl(['exec', 'builder', '-n', namespace, '--', 'buildctl', 'debug', 'workers']);

async function createPod(name: string, container: object): Promise<void> {
  await kubectl(['create', '-f', '-'], {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { restartPolicy: 'Never', containers: [{ name, imagePullPolicy: 'IfNotPresent', ...container }] },
  });
}

interface Ended {
  readonly status: {
    readonly containerStatuses?: readonly { readonly state: { readonly terminated?: { readonly exitCode: number } } }[];
  };
}

/** The exit code of the pod's container. */
async function ended(name: string): Promise<number | undefined> {
  return vi.waitFor(async () => {
    const { status } = await kubectlJson<Ended>('get', 'pod', name, '-n', namespace);
    const terminated = status.containerStatuses?.[0]?.state.terminated;
    expect(terminated).toBeDefined();
    return terminated?.exitCode;
  }, patience);
}
