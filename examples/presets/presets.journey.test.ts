import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import type { Job } from '@ephemera/model';
import { expect, test } from 'vitest';
import { namespaceExists, place, type Place } from '../test/namespace.ts';

const pages = join(import.meta.dirname, '..', '..', 'docs', 'presets');

async function runAsInPage(where: Place, preset: string): Promise<{ lines: string[]; job: Job }> {
  const command = ['job', 'run', '-f', `examples/presets/${preset}.yaml`, '--wait'];
  expect(readFileSync(join(pages, `${preset}.md`), 'utf8')).toContain(`\n$ npx ephemera ${command.join(' ')}\n`);
  const { stdout } = await where.job(command.slice(1));
  const job: Job = JSON.parse(await kubectl(['get', 'job', preset, '-n', where.name, '-o', 'json']));
  return { lines: stdout.split('\n').filter((line) => line !== ''), job };
}

async function remove(where: Place, preset: string): Promise<void> {
  await where.job(['delete', '-f', `examples/presets/${preset}.yaml`]);
  expect(await namespaceExists(where.name)).toBe(false);
}

test('the preset batch-processing runs as it is, may be tried again three times, and goes an hour after its end', async () => {
  await using where = await place({ made: false });
  const { lines, job } = await runAsInPage(where, 'batch-processing');
  expect(lines).toEqual([1, 2, 3, 4].map((batch) => expect.stringMatching(`^batch ${batch}: 250 records, sum \\d+$`)));
  expect(job.spec).toMatchObject({ backoffLimit: 3, ttlSecondsAfterFinished: 3600, parallelism: 1, completions: 1 });
  expect(job.spec).not.toHaveProperty('activeDeadlineSeconds');
  await remove(where, 'batch-processing');
});

test('the preset data-migration runs as it is, may be tried again once, has a deadline, and stays as the record', async () => {
  await using where = await place({ made: false });
  const { lines, job } = await runAsInPage(where, 'data-migration');
  expect(lines).toEqual([
    '001-create-accounts: creating the table',
    '002-add-email: adding the column',
    '003-fill-email: filling the column',
    'migrated',
  ]);
  expect(job.spec).toMatchObject({ backoffLimit: 1, activeDeadlineSeconds: 3600, parallelism: 1, completions: 1 });
  expect(job.spec).not.toHaveProperty('ttlSecondsAfterFinished');

  // Once more is not twice: the record stands, and says how it ended.
  const again = await where.job(['run', '-f', 'examples/presets/data-migration.yaml', '--wait']);
  expect(again.stderr).toContain('job data-migration is complete');
  const pods = await kubectl(['get', 'pods', '-n', where.name, '-o', 'name']);
  expect(pods.trim().split('\n')).toHaveLength(1);
  await remove(where, 'data-migration');
});
