import type { Job, KubeObject } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import { lookingAtCluster, patience, uniqueName } from './cluster.ts';
import { inlineProgram, writeObjects } from './inline-program.ts';
import { oneAtATime, pulumiTool, startPulumiProject } from './pulumi-project.ts';

const namespace = (name: string) => ({ metadata: { name } });
const configMap = (data: Readonly<Record<string, string>>) => ({ metadata: { name: 'settings' }, data });
const job = (command: readonly string[], annotations: Readonly<Record<string, string>> = {}) => ({
  metadata: { name: 'work', annotations },
  spec: {
    backoffLimit: 0,
    template: {
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1', command }] },
    },
  },
});

const ref = (kind: string, name: string, home?: string) => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'v1',
  kind,
  name,
  ...(home === undefined ? {} : { namespace: home }),
});

// The tests of the module stand on these: they show that the stand-in does to a real cluster what Pulumi's own provider does.
describe.skipIf(pulumiTool === undefined)("the stand-in for Pulumi's provider", oneAtATime, () => {
  test('a preview shows what up then makes, up waits for the Job, a second up changes nothing and destroy leaves nothing', async () => {
    const home = uniqueName('inline');
    await using cluster = await lookingAtCluster();
    const objects = { namespace: namespace(home), configMap: configMap({ size: '1' }), job: job(['true']) };
    await using project = await startPulumiProject({ program: inlineProgram(objects) });

    const preview = await project.pulumi(['preview']);
    expect(preview, preview.output).toMatchObject({ code: 0 });
    for (const type of ['core/v1:Namespace home', 'core/v1:ConfigMap settings', 'batch/v1:Job work']) {
      expect(preview.stdout).toContain(`kubernetes:${type} create`);
    }
    expect(preview.output).toContain('+ 4 to create');
    expect(preview.output).not.toContain('warning');
    expect(await cluster.get(ref('Namespace', home))).toBeUndefined();

    const up = await project.pulumi(['up', '--yes', '--skip-preview']);
    expect(up, up.output).toMatchObject({ code: 0 });
    const made = await cluster.get<Job>(ref('Job', 'work', home));
    expect(made?.status?.succeeded).toBe(1);
    expect(await project.outputs()).toEqual({ name: home });

    const again = await project.pulumi(['up', '--yes', '--skip-preview', '--expect-no-changes']);
    expect(again, again.output).toMatchObject({ code: 0 });

    const destroy = await project.pulumi(['destroy', '--yes', '--skip-preview']);
    expect(destroy, destroy.output).toMatchObject({ code: 0 });
    expect(await cluster.get(ref('Namespace', home))).toBeUndefined();
  });

  test('a changed template replaces the Job after its predecessor is gone, a changed label does not', async () => {
    const home = uniqueName('replaced');
    await using cluster = await lookingAtCluster();
    const objects = { namespace: namespace(home), job: job(['true']) };
    await using project = await startPulumiProject({ program: inlineProgram(objects) });
    const uid = async () => (await cluster.get<KubeObject>(ref('Job', 'work', home)))?.metadata.uid;
    expect(await project.pulumi(['up', '--yes', '--skip-preview'])).toMatchObject({ code: 0 });
    const first = await uid();

    writeObjects(project.folder, { ...objects, job: job(['true'], { note: 'changed' }) });
    const updated = await project.pulumi(['up', '--yes', '--skip-preview']);
    expect(updated, updated.output).toMatchObject({ code: 0 });
    expect(updated.output).toContain('~ 1 updated');
    expect(await uid()).toBe(first);

    writeObjects(project.folder, { ...objects, job: job(['sh', '-c', 'exit 0']) });
    const replaced = await project.pulumi(['up', '--yes', '--skip-preview']);
    expect(replaced, replaced.output).toMatchObject({ code: 0 });
    expect(replaced.output).toContain('+-1 replaced');
    expect(await uid()).not.toBe(first);
  });

  test('a Job that fails makes up fail with the reason, and stays in the state until destroy', async () => {
    const home = uniqueName('failed');
    await using cluster = await lookingAtCluster();
    const objects = { namespace: namespace(home), job: job(['false']) };
    await using project = await startPulumiProject({ program: inlineProgram(objects) });

    const up = await project.pulumi(['up', '--yes', '--skip-preview']);
    expect(up.code).not.toBe(0);
    expect(up.output).toContain('BackoffLimitExceeded');
    expect(project.stateFile()).toContain('kubernetes:batch/v1:Job');

    const destroy = await project.pulumi(['destroy', '--yes', '--skip-preview']);
    expect(destroy, destroy.output).toMatchObject({ code: 0 });
    expect(await cluster.get(ref('Namespace', home))).toBeUndefined();
  });

  test('skipAwait makes up return while the Job still runs', async () => {
    const home = uniqueName('unawaited');
    await using cluster = await lookingAtCluster();
    const running = job(['sh', '-c', 'trap exit TERM; sleep 600 & wait'], { 'pulumi.com/skipAwait': 'true' });
    await using project = await startPulumiProject({
      program: inlineProgram({ namespace: namespace(home), job: running }),
    });
    const up = await project.pulumi(['up', '--yes', '--skip-preview']);
    expect(up, up.output).toMatchObject({ code: 0 });
    expect((await cluster.get<Job>(ref('Job', 'work', home)))?.status?.succeeded).toBeUndefined();
  });

  test('a Job that is gone is made again when up is told to look', async () => {
    const home = uniqueName('gone');
    await using cluster = await lookingAtCluster();
    const { metadata, spec } = job(['true']);
    const passing = { metadata, spec: { ...spec, ttlSecondsAfterFinished: 5 } };
    await using project = await startPulumiProject({
      program: inlineProgram({ namespace: namespace(home), job: passing }),
    });
    const up = (...options: string[]) => project.pulumi(['up', '--yes', '--skip-preview', ...options]);
    expect(await up()).toMatchObject({ code: 0 });
    const seen = () => cluster.get<KubeObject>(ref('Job', 'work', home));
    await expect.poll(seen, patience).toBeUndefined();

    const blind = await up('--expect-no-changes');
    expect(blind, blind.output).toMatchObject({ code: 0 });
    const looking = await up('--refresh');
    expect(looking, looking.output).toMatchObject({ code: 0 });
    expect(looking.output).toContain('+ 1 created');
  });

  test('the values of a Secret are in neither state nor output', async () => {
    const home = uniqueName('secret');
    await using cluster = await lookingAtCluster();
    const value = 'correct-horse-battery';
    const secret = { metadata: { name: 'secret' }, stringData: { key: value } };
    await using project = await startPulumiProject({
      program: inlineProgram({ namespace: namespace(home), secret }),
    });
    const up = await project.pulumi(['up', '--yes', '--skip-preview']);
    expect(up, up.output).toMatchObject({ code: 0 });
    const made = await cluster.get<KubeObject & { data: { key: string } }>(ref('Secret', 'secret', home));
    expect(made?.data.key).toBe(Buffer.from(value).toString('base64'));
    for (const seen of [up.output, project.stateFile()]) {
      expect(seen).not.toContain(value);
      expect(seen).not.toContain(Buffer.from(value).toString('base64'));
    }
  });
});
