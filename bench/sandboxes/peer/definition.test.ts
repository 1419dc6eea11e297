import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installable, isOfBench } from './definition.ts';
import { agentSandboxFolder, agentSandboxModule, agentSandboxVersion } from './tool.ts';

const published = {
  metadata: { name: 'sandboxes.agents.x-k8s.io', labels: { app: 'peer' } },
  spec: { group: 'agents.x-k8s.io', conversion: { strategy: 'Webhook' } },
};

test('the kind of the peer is put into the cluster with the mark of the run, and without a webhook that is not there', () => {
  const installed = installable(published, 'bench-0123abcd');
  expect(installed.spec).toEqual({ group: 'agents.x-k8s.io', conversion: { strategy: 'None' } });
  expect(installed.metadata.labels).toEqual({ app: 'peer', 'ephemera.dev/instance': 'bench-0123abcd' });
  expect(isOfBench(installed)).toBe(true);
});

test.each([{ labels: {} }, {}, { labels: { 'ephemera.dev/instance': 'ephemera-1' } }])(
  'a kind that a user has installed is never taken for one of a run: %j',
  (marks) => {
    expect(isOfBench({ metadata: { name: published.metadata.name, ...marks }, spec: {} })).toBe(false);
  },
);

test('the version that is named is the one that the Go module pins', () => {
  const pinned = readFileSync(join(agentSandboxFolder, 'go.mod'), 'utf8');
  expect(pinned).toContain(`${agentSandboxModule} ${agentSandboxVersion} `);
});
