import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lock } from './lock.ts';

const subject = (name: string): string => `${name} ${process.pid}`;

test.runIf(process.platform === 'linux')('the second waits for the first and hears who holds it', async () => {
  const order: string[] = [];
  const first = await lock(subject('turns'));
  const second = lock(subject('turns'), { waiting: (holder) => order.push(holder) }).then((held) => {
    order.push('second');
    return held;
  });
  await expect.poll(() => order).toEqual([`pid ${process.pid}`]);
  order.push('first ends');
  await first.release();
  await (await second).release();
  expect(order).toEqual([`pid ${process.pid}`, 'first ends', 'second']);
});

test.runIf(process.platform === 'linux')('many contenders hold it one at a time', async () => {
  let holders = 0;
  const contend = async (): Promise<void> => {
    const held = await lock(subject('many'));
    holders += 1;
    expect(holders).toBe(1);
    await new Promise((done) => setImmediate(done));
    holders -= 1;
    await held.release();
  };
  await Promise.all(Array.from({ length: 10 }, contend));
});

test.runIf(process.platform === 'linux')('a holder killed with -9 holds nothing any more', async () => {
  const code = `import { lock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    await lock(${JSON.stringify(subject('killed'))}); console.log('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  let waited = false;
  const next = lock(subject('killed'), { waiting: () => (waited = true) });
  await expect.poll(() => waited).toBe(true);
  holder.kill('SIGKILL');
  await (await next).release();
});

test.runIf(process.platform === 'linux')('waiting can be given up', async () => {
  const held = await lock(subject('abort'));
  const controller = new AbortController();
  const waiting = lock(subject('abort'), { signal: controller.signal, waiting: () => controller.abort() });
  await expect(waiting).rejects.toThrow('aborted');
  await held.release();
});
