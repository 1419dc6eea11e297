import { isOwned } from '@ephemera/kube';
import { instanceLabel, type KubeObject } from '@ephemera/model';
import { expect, test } from 'vitest';
import {
  accountLabels,
  accountOwner,
  builderLabels,
  builderOwner,
  instanceMark,
  jobLabels,
  jobOwner,
  prNameSelector,
} from './labels.ts';

const labelled = (labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'a', labels },
});

test('labels are those of the documentation', () => {
  expect(accountLabels('pr-12')).toEqual({
    app: 'catalyst-buildx',
    'created-by': 'catalyst-web-app',
    'pr-job': 'pr-12',
  });
  expect(jobLabels('pr-12')).toEqual({ app: 'catalyst-pr-job', 'created-by': 'catalyst-web-app', 'pr-name': 'pr-12' });
  expect(builderLabels({ name: 'pr-12', instance: 'i1' })).toEqual({
    'created-by': 'catalyst-web-app',
    'pr-name': 'pr-12',
    [instanceLabel]: 'i1',
  });
  expect(prNameSelector('pr-12')).toBe('created-by=catalyst-web-app,pr-name=pr-12');
});

test.each([
  ['account', accountOwner, accountLabels],
  ['job', jobOwner, jobLabels],
  ['builder', builderOwner, (name: string) => builderLabels({ name })],
] as const)(
  'the owner of a %s owns what carries its labels, and nothing of another server or name',
  (_, owner, labels) => {
    const bare = labelled(labels('a'));
    const marked = labelled({ ...labels('a'), ...instanceMark('i1') });

    expect([isOwned(bare, owner({ name: 'a' })), isOwned(marked, owner({ name: 'a' }))]).toEqual([true, false]);
    expect(isOwned(marked, owner({ name: 'a', instance: 'i1' }))).toBe(true);
    expect(isOwned(bare, owner({ name: 'a', instance: 'i1' }))).toBe(false);
    expect(isOwned(marked, owner({ name: 'a', instance: 'i2' }))).toBe(false);
    expect(isOwned(labelled(labels('b')), owner({ name: 'a' }))).toBe(false);
  },
);
