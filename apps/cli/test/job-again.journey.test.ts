import { kubectl } from '@ephemera/local-cluster/kubectl';
import { expect, test } from 'vitest';
import { endless, startJobs } from './job-command.ts';

test('--delete leaves a Job alone that was there before and still runs, and says so', async () => {
  await using jobs = await startJobs();
  const text = jobs.manifest(endless);
  expect((await jobs.job(['run', '-f', '-'], text)).code).toBe(0);
  const { code, stderr } = await jobs.job(['run', '--wait', '--delete', '--timeout', '3s', '-f', '-'], text);
  expect(code, stderr).toBe(7);
  expect(stderr).toContain('it goes on');
  expect(stderr).toContain('job hello was there before and has not ended: it is not deleted');
  expect(await kubectl(['get', 'job', 'hello', '-n', jobs.namespace, '-o', 'name'])).toContain('job.batch/hello');
});

test('--timeout with --delete says that the Job is deleted, which is true', async () => {
  await using jobs = await startJobs();
  const args = ['run', '--wait', '--delete', '--timeout', '3s', '-f', '-'];
  const { code, stderr } = await jobs.job(args, jobs.manifest(endless));
  expect(code, stderr).toBe(7);
  expect(stderr).toContain('is not over within --timeout; it is deleted now');
  expect(stderr).not.toContain('goes on');
  expect(stderr).toContain(`removed Job/${jobs.namespace}/hello`);
});

test('a job that was complete before does not run, which the last line says, and runs again with --replace', async () => {
  await using jobs = await startJobs();
  const text = jobs.manifest('echo migrated');
  expect((await jobs.job(['run', '--wait', '-f', '-'], text)).code).toBe(0);
  const again = await jobs.job(['run', '--wait', '-f', '-'], text);
  expect(again.stderr.trimEnd().split('\n').at(-1)).toMatch(
    /job hello was complete before; it did not run now.*--replace/,
  );
  const replaced = await jobs.job(['run', '--wait', '--replace', '--delete', '-f', '-'], text);
  expect(replaced.stdout).toBe('migrated\n');
  expect(replaced.stderr).toContain('job hello replaced');
  expect(replaced.stderr).not.toContain('did not run');
  expect(replaced.code).toBe(0);
});
