import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pulumi, pulumiVersion } from './tool.ts';

test('the version that is stamped is the one that the Go module pins', () => {
  const pinned = readFileSync(join(import.meta.dirname, '..', 'go', 'pulumi', 'go.mod'), 'utf8');
  expect(pinned).toContain(`github.com/pulumi/pulumi/pkg/v3 ${pulumiVersion} `);
  expect(Object.values(pulumi.stamps ?? {})).toEqual([pulumiVersion]);
});
