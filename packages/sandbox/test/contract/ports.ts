import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Harness } from './harness.ts';
import { codeOf, sharedSandbox, someBytes } from './setting.ts';

export function portsContract(harness: Harness): void {
  describe('ports of the sandbox', () => {
    const sandbox = sharedSandbox(harness);
    const { argv } = harness;

    test('a port is waited for, and reached through a port of this machine', async () => {
      const handle = await sandbox().commands.start(argv('echoAt', '8080'));
      await sandbox().waitForPort(8080);
      await using forwarded = await sandbox().forward(8080);
      const bytes = someBytes(300_000, 5);
      const socket = connect({ port: forwarded.port, host: '127.0.0.1', allowHalfOpen: true });
      socket.end(bytes);
      const echoed = await buffer(socket);
      expect(echoed.length).toBe(bytes.length);
      expect(echoed.equals(bytes)).toBe(true);
      await handle.kill({ graceMs: 100 });
      await handle.wait();
    });

    test('a port where nobody listens is waited for no longer than asked', async () => {
      expect(await codeOf(sandbox().waitForPort(9, { timeoutMs: 300 }))).toBe('sandbox.wait_timeout');
    });

    test('a line of a log is waited for', async () => {
      const handle = await sandbox().commands.start(argv('untilFile', 'ports-go', '0'));
      const found = await sandbox().waitForLog(handle, /line (\d\d)\n/);
      expect(found).toEqual({ stream: 'stdout', text: 'line 10\n', groups: ['10'] });
      await sandbox().files.write('ports-go', '');
      await handle.wait();
      expect(await codeOf(sandbox().waitForLog(handle, 'never written'))).toBe('sandbox.log_ended');
    });
  });
}
