import { expect, test } from 'vitest';
import type { ApiGroup } from './discovery.ts';
import { allResources } from './resources.ts';

const core: ApiGroup = {
  versions: [
    {
      version: 'v1',
      resources: [
        {
          resource: 'pods',
          scope: 'Namespaced',
          verbs: ['list', 'get'],
          subresources: [{ subresource: 'exec', verbs: ['create', 'get'] }, { subresource: 'binding' }],
        },
        { resource: 'nodes', scope: 'Cluster', verbs: ['get'] },
      ],
    },
  ],
};

test('each resource and each subresource comes once, sorted, and with its scope', () => {
  expect(allResources([core])).toEqual({
    resources: [
      { group: '', resource: 'nodes', namespaced: false, verbs: ['get'] },
      { group: '', resource: 'pods', namespaced: true, verbs: ['get', 'list'] },
      { group: '', resource: 'pods/binding', namespaced: true, verbs: [] },
      { group: '', resource: 'pods/exec', namespaced: true, verbs: ['create', 'get'] },
    ],
    unknown: [],
  });
});

test('a resource of two versions has the verbs of both', () => {
  const widgets = (version: string, verbs: readonly string[]) => ({
    version,
    resources: [{ resource: 'widgets', scope: 'Namespaced', verbs }],
  });
  const group = {
    metadata: { name: 'example.com' },
    versions: [widgets('v2', ['get']), widgets('v1', ['delete', 'get'])],
  };
  expect(allResources([group]).resources).toEqual([
    { group: 'example.com', resource: 'widgets', namespaced: true, verbs: ['delete', 'get'] },
  ]);
});

test('a group that does not answer is unknown, not empty', () => {
  const stale = { metadata: { name: 'example.com' }, versions: [{ version: 'v1', freshness: 'Stale' }] };
  expect(allResources([stale]).unknown).toEqual([{ what: 'the API example.com/v1', because: 'it does not answer' }]);
});
