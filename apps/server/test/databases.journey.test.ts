import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startWorld } from './world.ts';

test.each(['the embedded PostgreSQL', 'a PostgreSQL given by DATABASE_URL'])(
  'opened, pushed, closed, reopened and closed again, on %s',
  async (which) => {
    await using stack = new AsyncDisposableStack();
    const embedded = () => {
      const folder = stack.adopt(mkdtempSync(join(tmpdir(), 'ephemera-journey-')), (path) =>
        rmSync(path, { recursive: true }),
      );
      chmodSync(folder, 0o755);
      return { dataDir: folder };
    };
    const world = stack.use(await startWorld({ database: which.startsWith('the embedded') ? embedded() : 'given' }));
    const pull = await world.repository.open({ head: 'feat/cart' });
    await world.untilTold(pull, 'success: The environment is ready');
    await pull.push({ 'cart.js': '2' });
    await world.untilTold(pull, 'success: The environment is ready');
    await pull.close();
    await world.untilTold(pull, 'success: Removed');
    await pull.reopen();
    await world.untilTold(pull, 'success: The environment is ready');
    await pull.close();
    await world.untilTold(pull, 'success: Removed');

    const environments = await world.environments();
    expect(environments.map(({ generation, status }) => [generation, status])).toEqual([
      [2, 'destroyed'],
      [1, 'destroyed'],
    ]);
    expect(await world.server.leftovers()).toEqual([]);
  },
);
