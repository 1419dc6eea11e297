import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import type { KubeObject } from '@ephemera/model';
import { afterAll, describe, expect, test } from 'vitest';
import { compile, runJob } from '../src/run/index.ts';
import { shell, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, job, namespace } = world;

interface SecretObject extends KubeObject {
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

const secretOf = (name: string) => kubectlJson<SecretObject>('get', 'secret', name, '-n', namespace);

describe.concurrent('what a job brings and uses', () => {
  test('a literal secret reaches the container and stands nowhere in the Job or its pods', async () => {
    const manifest = job('secretive', {
      ...shell('echo "$API_KEY" | rev; echo "$PLAIN"'),
      env: { secrets: { API_KEY: { value: 's3cret-value' } }, variables: { PLAIN: { value: 'indeed' } } },
    });
    const { fate, lines } = await world.runToEnd(manifest);
    expect(fate.outcome).toBe('complete');
    expect(lines).toEqual(['eulav-terc3s', 'indeed']);
    const selector = 'project-planton.org/resource-name=secretive';
    const written = await kubectl(['get', 'jobs,pods,events', '-n', namespace, '-l', selector, '-o', 'yaml']);
    expect(written).toContain('secretive-env-secrets');
    expect(written).not.toContain('s3cret-value');
    const { data } = await secretOf('secretive-env-secrets');
    expect(data).toEqual({ API_KEY: Buffer.from('s3cret-value').toString('base64') });
  });

  test('a secret that the manifest no longer has is gone from a Secret that was left behind', async () => {
    const manifest = (secrets: Record<string, { value: string }>) =>
      job('forgetful', { suspend: true, env: { secrets } });
    await world.run(manifest({ KEPT: { value: 'a' }, DROPPED: { value: 'b' } }));
    await kubectl(['delete', 'job', 'forgetful', '-n', namespace, '--cascade=orphan']);
    expect((await secretOf('forgetful-env-secrets')).data).toHaveProperty('DROPPED');
    await world.run(manifest({ KEPT: { value: 'c' } }));
    expect((await secretOf('forgetful-env-secrets')).data).toEqual({ KEPT: Buffer.from('c').toString('base64') });
  });

  test('a changed value of a secret is written without touching the Job', async () => {
    const manifest = (value: string) => job('rotated', { suspend: true, env: { secrets: { KEY: { value } } } });
    const first = await world.run(manifest('old'));
    expect(await world.run(manifest('new'))).toEqual({ ...first, change: 'changed' });
    expect((await secretOf('rotated-env-secrets')).data).toEqual({ KEY: Buffer.from('new').toString('base64') });
    expect(await world.run(manifest('new'))).toEqual({ ...first, change: 'unchanged' });
  });

  test('Docker credentials become a pull secret that the pod uses', async () => {
    const dockerConfigJson = JSON.stringify({ auths: { 'registry.test': { auth: 'dXNlcjpwYXNz' } } });
    const started = await runJob(cluster, compile(job('pulling', shell('echo pulled')), { dockerConfigJson }));
    expect((await world.follow(started)).fate.outcome).toBe('complete');
    const secret = await secretOf('pulling-image-pull-secret');
    expect(secret.type).toBe('kubernetes.io/dockerconfigjson');
    expect(Buffer.from(secret.data['.dockerconfigjson'] ?? '', 'base64').toString()).toBe(dockerConfigJson);
    const [pod] = await world.pods(started);
    expect(pod?.spec.imagePullSecrets).toEqual([{ name: 'pulling-image-pull-secret' }]);
  });

  test('a secret that exists already is read by reference', async () => {
    await world.createAsSomebodyElse({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'theirs', namespace },
      stringData: { password: 'from elsewhere' },
    });
    const { lines } = await world.runToEnd(
      job('referring', {
        ...shell('echo "$PASSWORD"'),
        env: { secrets: { PASSWORD: { secretRef: { name: 'theirs', key: 'password' } } } },
      }),
    );
    expect(lines).toEqual(['from elsewhere']);
  });

  test('all five kinds of volumes are mounted as the manifest says', async () => {
    await world.createAsSomebodyElse({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'certificate', namespace },
      stringData: { crt: 'a certificate', key: 'a key' },
    });
    await world.createAsSomebodyElse({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'lasting', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '16Mi' } } },
    });
    const script = [
      '/scripts/run.sh',
      'cat /etc/app/app.conf; echo',
      'cat /tls/server.crt; echo',
      'ls /tls',
      'ls -lL /scripts/run.sh | cut -c1-10',
      'for at in /scratch /lasting /node; do touch $at/$NAME && rm $at/$NAME && echo $at is writable; done',
    ].join(' && ');
    const { fate, lines } = await world.runToEnd(
      job('mounting', {
        ...shell(script),
        env: { variables: { NAME: { value: world.name('file') } } },
        configMaps: { 'run.sh': '#!/bin/sh\necho the script runs\n', 'app.conf': 'the setting' },
        volumeMounts: [
          { name: 'scripts', mountPath: '/scripts', configMap: { name: 'run.sh', defaultMode: 493 } },
          {
            name: 'conf',
            mountPath: '/etc/app/app.conf',
            subPath: 'app.conf',
            configMap: { name: 'app.conf', key: 'app.conf' },
          },
          {
            name: 'tls',
            mountPath: '/tls',
            readOnly: true,
            secret: { name: 'certificate', key: 'crt', path: 'server.crt' },
          },
          { name: 'scratch', mountPath: '/scratch', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
          { name: 'lasting', mountPath: '/lasting', pvc: { claimName: 'lasting' } },
          { name: 'node', mountPath: '/node', hostPath: { path: '/tmp', type: 'DirectoryOrCreate' } },
        ],
      }),
    );
    expect(lines).toEqual([
      'the script runs',
      'the setting',
      'a certificate',
      'server.crt',
      '-rwxr-xr-x',
      '/scratch is writable',
      '/lasting is writable',
      '/node is writable',
    ]);
    expect(fate.outcome).toBe('complete');
  });

  test('Secrets and ConfigMaps belong to the Job, also after a run that ended before they did', async () => {
    const manifest = job('healed', { suspend: true, configMaps: { 'healed.conf': 'text' } });
    const { uid } = await world.run(manifest);
    const owners = () => kubectl(['get', 'configmap', 'healed.conf', '-n', namespace, '-o', `jsonpath=${ownerPath}`]);
    expect(await owners()).toBe(`Job ${uid} false`);
    await kubectl([
      'patch',
      'configmap',
      'healed.conf',
      '-n',
      namespace,
      '-p',
      '{"metadata":{"ownerReferences":null}}',
    ]);
    expect(await owners()).toBe('');
    expect(await world.run(manifest)).toMatchObject({ uid, change: 'changed' });
    expect(await owners()).toBe(`Job ${uid} false`);
  });
});

const owner = '.metadata.ownerReferences[0]';
const ownerPath = `{range ${owner}}{.kind} {.uid} {.blockOwnerDeletion}{end}`;
