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
  test('literal secrets, Docker credentials and a kubeconfig are used, and are in clear in neither the state nor what Pulumi prints', async () => {
    const namespace = uniqueName('secrecy');
    await using cluster = await lookingAtCluster();
    await using project = await startPulumiProject({ program: moduleProgram(namespace) });
    const token = 'correct-horse-battery-staple';
    const auth = base64('somebody:hunter2-hunter2');
    const dockerConfigJson = JSON.stringify({ auths: { 'registry.example': { auth } } });
    const kubeconfig = readFileSync(project.kubeconfig, 'utf8');
    const keys = [...kubeconfig.matchAll(/(?:key-data|token)"?: *"?([^"\s]+)/g)].map(([, key]) => key ?? '');
    expect(keys).not.toEqual([]);
    const target = manifestOf({ name: 'nightly', namespace, spec: { env: { secrets: { TOKEN: { value: token } } } } });
    const input = { target, docker_config_json: dockerConfigJson, provider_config: { kubeconfig } };
    const shown: string[] = [];
    for (const command of ['preview --diff', 'up --yes --skip-preview']) {
      const ran = await project.pulumi(command.split(' '), { ...stackInput(input), KUBECONFIG: '/nowhere' });
      expect(ran, ran.output).toMatchObject({ code: 0 });
      shown.push(ran.output);
    }
    const job = { apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', namespace };
    expect(await cluster.get(job)).toMatchObject({ status: { succeeded: 1 } });
    const secret = (name: string) => cluster.get<Secret>({ apiVersion: 'v1', kind: 'Secret', name, namespace });
    expect(Object.values((await secret('nightly-env-secrets'))?.data ?? {})).toEqual([base64(token)]);
    expect((await secret('nightly-image-pull-secret'))?.data['.dockerconfigjson']).toBe(base64(dockerConfigJson));
    for (const text of [...shown, project.stateFile()]) {
      for (const hidden of [token, base64(token), auth, base64(dockerConfigJson), ...keys]) {
        expect(text).not.toContain(hidden);
      }
    }
  });
});
