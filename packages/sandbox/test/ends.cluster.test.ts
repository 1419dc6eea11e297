import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Sandbox } from '../src/index.ts';
import { patience, podOf, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** A command that would take a minute, and says that all went well when it is asked to end; begun and not waited for. */
async function busy(sandbox: Sandbox): Promise<{ readonly result: Promise<unknown> }> {
  const began = Promise.withResolvers<void>();
  const script = 'trap "exit 0" TERM; echo began; i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done';
  const result = sandbox.commands.shell(script, { onStdout: () => began.resolve() });
  result.catch(began.reject);
  await began.promise;
  return { result };
}

const remove = (...args: readonly string[]) => kubectl(['delete', ...args, '-n', world.namespace, '--wait=false']);

async function evict(pod: string, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`;
  const metadata = { name: pod, namespace };
  await kubectl(['create', '--raw', path, '-f', '-'], { apiVersion: 'policy/v1', kind: 'Eviction', metadata });
}

test.each<[string, RegExp, (sandbox: Sandbox) => Promise<unknown>]>([
  ['its pod is deleted', /^sandbox.gone$/, async ({ id }) => remove('pod', (await podOf(world, id)).metadata.name)],
  [
    'its pod is deleted without any grace',
    /^sandbox.gone$/,
    async ({ id }) => remove('pod', (await podOf(world, id)).metadata.name, '--grace-period=0', '--force'),
  ],
  ['its Job is deleted', /^sandbox.gone$/, ({ id }) => remove('job', id)],
  [
    'it is evicted by the API',
    /^sandbox.evicted$/,
    async ({ id }) => evict((await podOf(world, id)).metadata.name, world.namespace),
  ],
  [
    'the deadline of its Job comes',
    /^sandbox.expired$/,
    ({ id }) => kubectl(['patch', 'job', id, '-n', world.namespace, '-p', '{"spec":{"activeDeadlineSeconds":1}}']),
  ],
])('when %s, later commands throw %s, and the one that ran never ended well', async (_, code, end) => {
  const sandbox = await world.create();
  const { result } = await busy(sandbox);
  await end(sandbox);
  const why = { code: expect.stringMatching(code) };
  await expect(result).rejects.toMatchObject(why);
  await expect(sandbox.commands.run(['true'])).rejects.toMatchObject(why);
  await sandbox.kill();
  expect(await world.left()).toEqual([]);
});

test('a sandbox that uses more memory than it may is out of memory, and never a result', async () => {
  const sandbox = await world.create();
  const eater = 'a=xxxxxxxxxxxxxxxx; while :; do a="$a$a"; done';
  await expect(sandbox.commands.shell(eater)).rejects.toMatchObject({ code: expect.stringMatching(/out_of_memory$/) });
  await sandbox.kill();
});

test('a sandbox that uses more disk than it may is evicted, and the reason names the limit', async () => {
  const resources = { limits: { memory: '64Mi', ephemeralStorage: '32Mi' }, requests: { cpu: '5m', memory: '8Mi' } };
  const sandbox = await world.create({ resources });
  const filler = 'head -c 60000000 /dev/zero > big; sleep 100';
  const outcome = await sandbox.commands.shell(filler).catch(() => 'no result');
  expect(outcome).not.toMatchObject({ exitCode: 0 });
  // While it is being ended its runner takes no commands; then it is known why.
  const why = { code: 'sandbox.evicted', message: expect.stringMatching(/limit/) };
  await vi.waitFor(() => expect(sandbox.commands.run(['true'])).rejects.toMatchObject(why), patience);
  await sandbox.kill();
});

test('a sandbox whose namespace goes away is gone', async () => {
  await using doomed = await startWorld();
  const sandbox = await doomed.create();
  await kubectl(['delete', 'namespace', doomed.namespace, '--wait=false']);
  await vi.waitFor(
    () => expect(sandbox.commands.run(['true'])).rejects.toMatchObject({ code: 'sandbox.gone' }),
    patience,
  );
  await vi.waitFor(async () => expect(await doomed.left()).toEqual([]), patience);
  await sandbox.kill();
});
