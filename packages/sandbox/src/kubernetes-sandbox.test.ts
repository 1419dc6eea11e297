import { expect, test } from 'vitest';
import { KubernetesSandbox } from './kubernetes-sandbox.ts';
import { Sandbox } from './sandbox.ts';
import { fakeHost } from './testing/fake-host.ts';

const namesOf = async (sandbox: KubernetesSandbox) => [...(await sandbox.listFiles()).keys()];

function make() {
  const on = fakeHost();
  return { on, sandbox: new KubernetesSandbox('busybox:1', 'shop', { on }) };
}

test('a teardown that is called right after init leaves no sandbox, and init says why there is none', async () => {
  const { on, sandbox } = make();
  const starting = sandbox.init().catch((error: unknown) => error);
  await sandbox.teardown();
  expect(await starting).toMatchObject({ code: 'sandbox.start_failed' });
  expect(await on.list()).toEqual([]);
  await expect(sandbox.readFile('x')).rejects.toMatchObject({ code: 'sandbox.not_started' });
});

test('an init that is called during a teardown makes a new sandbox, which the next teardown removes', async () => {
  const { on, sandbox } = make();
  await sandbox.init();
  const first = sandbox.getId();
  const ending = sandbox.teardown();
  await sandbox.init();
  await ending;
  expect((await on.list()).map(({ id }) => id)).toEqual([sandbox.getId()]);
  expect(sandbox.getId()).not.toBe(first);
  await sandbox.teardown();
  expect(await on.list()).toEqual([]);
});

test('a teardown between two calls of init counts for the first only', async () => {
  const { on, sandbox } = make();
  const ended = sandbox.teardown();
  const starting = sandbox.init().catch((error: unknown) => error);
  await Promise.all([ended, sandbox.teardown(), starting]);
  expect(await on.list()).toEqual([]);
  await sandbox.init();
  expect(await on.list()).toHaveLength(1);
  await sandbox.teardown();
});

test('a teardown that fails is done again by the next one', async () => {
  const { on, sandbox } = make();
  await sandbox.init();
  const faults = on.faults(sandbox.getId());
  faults.apiDown();
  await expect(sandbox.teardown()).rejects.toMatchObject({ code: expect.any(String) });
  faults.apiUp();
  await sandbox.teardown();
  expect(await on.list()).toEqual([]);
});

test('files whose names are no text are an error of listFiles: two of them could look the same', async () => {
  const { on, sandbox } = make();
  await sandbox.init();
  await sandbox.writeFile('a.txt', 'x');
  expect(await namesOf(sandbox)).toEqual(['a.txt']);
  const other = await Sandbox.connect(sandbox.getId(), { on });
  await other.files.write(Uint8Array.of(0x61, 0xff), 'y');
  await expect(sandbox.listFiles()).rejects.toMatchObject({
    code: 'sandbox.file',
    message: expect.stringMatching(/no UTF-8/),
  });
  await other.disconnect();
  await sandbox.teardown();
});
