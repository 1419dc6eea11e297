import { expect, test } from 'vitest';
import { differenceOf } from './difference.ts';

const fixed = { configMaps: false, secrets: false };
const mutable = { configMaps: true, secrets: true };

const job = (image: string, suspend = false) => ({
  kind: 'Job',
  metadata: { name: 'work', namespace: 'home', labels: { 'a.b/c': image } },
  spec: { suspend, template: { spec: { containers: [{ name: 'main', image }] } } },
});

test('what is the same is no change', () => {
  expect(differenceOf(job('a'), job('a'), fixed)).toEqual({ changes: {}, deleteBeforeReplace: false });
});

test('each changed field is named as Pulumi names it, and those of a template replace the Job', () => {
  expect(differenceOf(job('b', true), job('a'), fixed)).toEqual({
    changes: {
      'metadata.labels["a.b/c"]': { kind: 'update', replaces: false },
      'spec.suspend': { kind: 'update', replaces: false },
      'spec.template.spec.containers[0].image': { kind: 'update', replaces: true },
    },
    deleteBeforeReplace: true,
  });
});

test('an object under another name is made before the old one goes', () => {
  const before = { kind: 'ConfigMap', metadata: { name: 'old' } };
  const now = { kind: 'ConfigMap', metadata: { name: 'new' }, data: { key: 'added' } };
  expect(differenceOf(now, before, mutable)).toEqual({
    changes: { 'metadata.name': { kind: 'update', replaces: true }, data: { kind: 'add', replaces: false } },
    deleteBeforeReplace: false,
  });
});

test.each([
  ['ConfigMap', 'data', fixed, true],
  ['ConfigMap', 'data', mutable, false],
  ['Secret', 'stringData', fixed, true],
  ['Secret', 'stringData', mutable, false],
  ['Secret', 'type', mutable, true],
])('of a %s, %s with %j replaces: %s', (kind, field, rules, replaces) => {
  const before = { kind, metadata: { name: 'one' }, [field]: 'before' };
  const { changes } = differenceOf({ kind, metadata: { name: 'one' } }, before, rules);
  expect(changes).toEqual({ [field]: { kind: 'delete', replaces } });
});
