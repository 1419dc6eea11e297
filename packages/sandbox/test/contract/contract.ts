import { describe, expect, test } from 'vitest';
import { Sandbox } from '../../src/sandbox.ts';
import { badInputContract } from './bad-input.ts';
import { brokenStreamsContract } from './broken-streams.ts';
import { endsContract } from './ends.ts';
import { environmentContract } from './environment.ts';
import { exitsContract } from './exits.ts';
import { filesContract } from './files.ts';
import type { Harness } from './harness.ts';
import { outputContract } from './output.ts';
import { portsContract } from './ports.ts';
import { reconnectContract } from './reconnect.ts';
import { treesContract } from './trees.ts';

/** What every kind of sandbox has to do, whatever it is made of. */
export function contractOf(harness: Harness): void {
  describe(`sandboxes on ${harness.name}`, () => {
    exitsContract(harness);
    outputContract(harness);
    treesContract(harness);
    reconnectContract(harness);
    environmentContract(harness);
    filesContract(harness);
    portsContract(harness);
    badInputContract(harness);
    endsContract(harness);
    brokenStreamsContract(harness);

    test('nothing of all these sandboxes is left', async () => {
      expect(await Sandbox.list({ on: harness.host })).toEqual([]);
      expect(await harness.left()).toEqual([]);
    });
  });
}
