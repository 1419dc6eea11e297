import { isOwned } from '@ephemera/kube';
import { expect, test } from 'vitest';
import { compile } from '../compile/index.ts';
import { jobOwner, jobRefOf, ownerInWords } from './job-ref.ts';

const compiled = (name: string, id?: string) =>
  compile({
    apiVersion: 'kubernetes.project-planton.org/v1',
    kind: 'KubernetesJob',
    metadata: { name, ...(id !== undefined && { id }) },
    spec: { namespace: 'shop', image: { repo: 'busybox', tag: '1' } },
  });

test('a compiled job names itself, its namespace and its id', () => {
  expect(jobRefOf(compiled('a', 'k8sjob-1'))).toEqual({ namespace: 'shop', name: 'a', id: 'k8sjob-1' });
  expect(jobRefOf(compiled('a'))).toEqual({ namespace: 'shop', name: 'a', id: null });
});

test.each([
  [{ name: 'a' }, ['a'], true],
  [{ name: 'a' }, ['a', 'one'], true],
  [{ name: 'a', id: null }, ['a'], true],
  [{ name: 'a', id: null }, ['a', 'one'], false],
  [{ name: 'a', id: 'one' }, ['a', 'one'], true],
  [{ name: 'a', id: 'one' }, ['a'], false],
  [{ name: 'a', id: 'one' }, ['a', 'two'], false],
  [{ name: 'a' }, ['b'], false],
] as const)('whether %j means the job with name and id %j: %s', (ref, [name, id], expected) => {
  expect(isOwned(compiled(name, id).job, jobOwner(ref))).toBe(expected);
});

test('whose an object is, in words', () => {
  expect(ownerInWords(compiled('a', 'k8sjob-1').job)).toBe('KubernetesJob a (id k8sjob-1)');
  expect(ownerInWords(compiled('a').job)).toBe('KubernetesJob a');
  expect(ownerInWords({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } })).toBe(
    'somebody who is no KubernetesJob',
  );
});
