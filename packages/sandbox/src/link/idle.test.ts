import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const folder = import.meta.dirname;

/** Runs a program that uses a link, in a process of its own. */
async function inProcess(program: string): Promise<string> {
  const imports = [
    `import { createLink } from '${join(folder, 'link.ts')}';`,
    `import { createCommands } from '${join(folder, '..', 'commands', 'create-commands.ts')}';`,
    `import { ScriptedPlace } from '${join(folder, 'testing', 'scripted-place.ts')}';`,
    `const place = () => new ScriptedPlace((stream, { channel }) => stream.answer(channel, { kind: 'done', count: 1 }, { kind: 'end' }));`,
    `const kill = { kind: 'kill', id: 'a', graceMs: 0 };`,
  ];
  const args = ['--expose-gc', '--input-type=module-typescript', '--eval', [...imports, program].join('\n')];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 });
  return stdout.trim();
}

test('an idle handle with an open stream does not keep the process alive', async () => {
  const began = performance.now();
  expect(await inProcess(`await createLink(place()).ask(kill); console.log('asked');`)).toBe('asked');
  // Its stream would be closed after 30 s only.
  expect(performance.now() - began).toBeLessThan(14_000);
});

test('an open stream is let go of by the handle, and still answers whoever asks', async () => {
  const program = `
    const to = place();
    const open = to.open.bind(to);
    let isLetGo = false;
    to.open = async (signal) => {
      const socket = setInterval(() => undefined, 1000);
      return Object.assign(await open(signal), { unref: () => { isLetGo = true; socket.unref(); } });
    };
    const link = createLink(to);
    await link.ask(kill);
    await link.ask(kill);
    console.log(isLetGo);`;
  // It would be killed after 15 s otherwise, which is an error.
  expect(await inProcess(program)).toBe('true');
});

test('whoever waits for an answer keeps the process alive until it comes', async () => {
  const program = `
    const slow = new ScriptedPlace((stream, { channel, request }) => {
      if (request.kind === 'kill') setTimeout(() => stream.answer(channel, { kind: 'done', count: 1 }, { kind: 'end' }), 300).unref();
    });
    await createLink(slow, { pingEveryMs: 5000 }).ask(kill);
    console.log('answered');`;
  expect(await inProcess(program)).toBe('answered');
});

test('whoever waits for a sandbox that cannot be reached keeps the process alive until it can', async () => {
  const program = `
    const away = place();
    away.refusal = { error: new Error('away'), times: 3 };
    await createLink(away, { mostBackoffMs: 50 }).ask(kill);
    console.log('reached');`;
  expect(await inProcess(program)).toBe('reached');
});

test('a thousand idle handles cost a few KiB each, and hardly more than one once their streams are closed', async () => {
  const program = `
    const used = () => { gc(); gc(); return process.memoryUsage().heapUsed + process.memoryUsage().external; };
    const make = async (idleCloseMs) => {
      const to = place();
      const link = createLink(to, { idleCloseMs });
      const commands = createCommands(link);
      await link.ask(kill);
      return { to, link, commands };
    };
    const closeAll = async (handles) => {
      while (!handles.every(({ to }) => to.last.closed)) await new Promise(setImmediate);
      // What the other side of a test remembers is not the handle's.
      for (const { to } of handles) to.streams.length = 0;
    };
    const measure = async (idleCloseMs, settle) => {
      const before = used();
      const handles = await Promise.all(Array.from({ length: 1000 }, () => make(idleCloseMs)));
      await settle(handles);
      const each = (used() - before) / handles.length;
      for (const { link } of handles) link.dispose();
      return each;
    };
    await measure(30_000, async () => undefined);
    const open = await measure(30_000, async () => undefined);
    const closed = await measure(20, closeAll);
    console.log(JSON.stringify({ open, closed }));`;
  const { open, closed } = JSON.parse(await inProcess(program)) as { open: number; closed: number };
  // The other sides of the streams are part of it.
  expect(open).toBeLessThan(16 * 1024);
  expect(closed).toBeLessThan(3 * 1024);
});
