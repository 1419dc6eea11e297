import { readFileSync } from 'node:fs';
import type { KubeObject } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import { lookingAtCluster, uniqueName } from './cluster.ts';
import { manifestOf, stackInput } from './small-job.ts';
import { moduleProgram } from './module-program.ts';
import { oneAtATime, pulumiTool, startPulumiProject } from './pulumi-project.ts';

type Secret = KubeObject & { readonly data: Readonly<Record<string, string>> };

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe.skipIf(pulumiTool === undefined)('what the module keeps secret', oneAtATime, () => {
  test('literal secrets and Docker credentials reach the cluster, and are in clear in neither the state nor what Pulumi prints', async () => {
    const namespace = uniqueName('secrecy');
    await using cluster = await lookingAtCluster();
    await using project = await startPulumiProject({ program: moduleProgram(namespace) });
    const token = 'correct-horse-battery-staple';
    const auth = base64('somebody:hunter2-hunter2');
    const dockerConfigJson = JSON.stringify({ auths: { 'registry.example': { auth } } });
    const target = manifestOf({ name: 'nightly', namespace, spec: { env: { secrets: { TOKEN: { value: token } } } } });
    const input = stackInput({ target, docker_config_json: dockerConfigJson });
    const shown: string[] = [];
    for (const command of ['preview --diff', 'up --yes', 'stack output --json', 'stack export']) {
      const ran = await project.pulumi(command.split(' '), input);
      expect(ran, ran.output).toMatchObject({ code: 0 });
      shown.push(ran.output);
    }
    const secret = (name: string) => cluster.get<Secret>({ apiVersion: 'v1', kind: 'Secret', name, namespace });
    expect(Object.values((await secret('nightly-env-secrets'))?.data ?? {})).toEqual([base64(token)]);
    expect((await secret('nightly-image-pull-secret'))?.data['.dockerconfigjson']).toBe(base64(dockerConfigJson));
    for (const text of [...shown, project.stateFile()]) {
      for (const hidden of [token, base64(token), auth, base64(dockerConfigJson)]) expect(text).not.toContain(hidden);
    }
  });

  test('the kubeconfig of provider_config is used instead of that of the environment, and its keys are not in the state', async () => {
    const namespace = uniqueName('provider');
    await using cluster = await lookingAtCluster();
    await using project = await startPulumiProject({ program: moduleProgram(namespace) });
    const kubeconfig = readFileSync(project.kubeconfig, 'utf8');
    const target = manifestOf({ name: 'nightly', namespace });
    const elsewhere = { ...stackInput({ target, provider_config: { kubeconfig } }), KUBECONFIG: '/nowhere' };
    const up = await project.pulumi(['up', '--yes', '--skip-preview'], elsewhere);
    expect(up, up.output).toMatchObject({ code: 0 });
    const job = { apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', namespace };
    expect(await cluster.get(job)).toMatchObject({ status: { succeeded: 1 } });
    const keys = [...kubeconfig.matchAll(/(?:key-data|token)"?: *"?([^"\s]+)/g)].map(([, key]) => key ?? '');
    expect(keys).not.toEqual([]);
    for (const key of keys) expect(project.stateFile()).not.toContain(key);
  });
});
