import { expect, test } from 'vitest';
import { everythingSet } from '../../../test/everything-set.ts';
import { compileJob } from './compile-job.ts';

test('the objects come in the order in which they are made: namespace, Secrets, ConfigMaps, Job', () => {
  const compiled = compileJob(everythingSet, { dockerConfigJson: '{"auths":{}}' });

  expect(compiled.objects).toStrictEqual([
    compiled.namespace,
    compiled.envSecrets,
    compiled.imagePullSecret,
    ...compiled.configMaps,
    compiled.job,
  ]);
});

test('the same job gives the same bytes, in whatever order its fields and its ConfigMaps were written', () => {
  const reversed = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).toReversed()) as T;
  const { spec } = everythingSet;
  const other = { ...everythingSet, spec: { ...reversed(spec), configMaps: reversed(spec.configMaps) } };

  const bytes = JSON.stringify(compileJob(everythingSet));
  expect(JSON.stringify(compileJob(everythingSet))).toBe(bytes);
  expect(JSON.stringify(compileJob(other))).toBe(bytes);
});

test('compiling leaves the job as it was, and no two places of the Job share an object that a YAML writer would alias', () => {
  const before = structuredClone(everythingSet);

  const { job } = compileJob(everythingSet);

  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    expect(seen).not.toContain(value);
    seen.add(value);
    for (const child of Object.values(value)) visit(child);
  };
  visit(job);
  expect(seen.size).toBeGreaterThan(20);
  expect(everythingSet).toStrictEqual(before);
});

test('everything but the namespace is in the namespace of the spec, and the Job has no selector', () => {
  const { objects, job } = compileJob(everythingSet, { dockerConfigJson: '{"auths":{}}' });

  expect(objects.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
    ['Namespace', undefined],
    ['Secret', 'batch'],
    ['Secret', 'batch'],
    ['ConfigMap', 'batch'],
    ['ConfigMap', 'batch'],
    ['Job', 'batch'],
  ]);
  expect(JSON.stringify(job)).not.toMatch(/"(selector|manualSelector)"/);
});
