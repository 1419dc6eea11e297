import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Sandbox } from '../../src/sandbox.ts';
import type { Harness } from './harness.ts';

export function environmentContract(harness: Harness): void {
  const { argv } = harness;

  describe('the environment of commands', () => {
    test('what a sandbox is given arrives in all its commands, and in no object of the cluster', async () => {
      const secret = `s3cret-${randomBytes(8).toString('hex')}`;
      await using sandbox = await harness.create({ env: { TOKEN: secret, PLAIN: 'zażółć "quoted" $HOME' } });
      const value = async (name: string) => (await sandbox.commands.run(argv('env', name))).stdout;
      expect([await value('TOKEN'), await value('PLAIN')]).toEqual([secret, 'zażółć "quoted" $HOME']);
      const other = await Sandbox.connect(sandbox.id, { on: harness.host });
      expect(await other.commands.run(argv('env', 'TOKEN'))).toMatchObject({ stdout: secret });
      await other.disconnect();
      const written = await harness.written(sandbox.id);
      expect(written).toContain(sandbox.id);
      for (const part of [secret, Buffer.from(secret).toString('base64')]) expect(written).not.toContain(part);
    });

    test('what one command is given counts for it alone, before what the sandbox has', async () => {
      await using sandbox = await harness.create({ env: { A: 'sandbox', B: 'sandbox' } });
      const value = async (name: string, env: Record<string, string> = {}) =>
        (await sandbox.commands.run(argv('env', name), { env })).stdout;
      expect(await value('A', { A: 'command' })).toBe('command');
      expect(await value('B', { A: 'command' })).toBe('sandbox');
      expect(await value('A')).toBe('sandbox');
    });

    test('10,000 entries arrive', async () => {
      await using sandbox = await harness.create();
      const env = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`ENTRY_${index}`, String(index)]));
      expect(await sandbox.commands.run(argv('envCount', 'ENTRY_'), { env })).toMatchObject({ stdout: '10000\n' });
    });

    test('home and the folder for temporary files can be written to', async () => {
      await using sandbox = await harness.create();
      const home = (await sandbox.commands.run(argv('env', 'HOME'))).stdout;
      for (const folder of [home, '/tmp']) {
        expect(await sandbox.commands.run(argv('fill', `${folder}/file`, '10'))).toMatchObject({ exitCode: 0 });
        expect((await sandbox.files.stat(`${folder}/file`)).size).toBe(10);
      }
    });
  });
}
