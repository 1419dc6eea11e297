import type { KubeObject } from '@ephemera/model';
import { expect, test } from 'vitest';
import { assertOwned, instanceOwner, isOwned, isUnmarked, marked, nobody, ownedSelector } from './ownership.ts';

const ours = instanceOwner('us');
const job = { labels: { 'example.org/name': 'hello', 'example.org/id': undefined } };

function objectWith(labels: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map', namespace: 'shop', labels } };
}

test('what carries all labels of the owner is owned; one that is missing, different or too many makes it foreign', () => {
  expect(isOwned(objectWith({ 'ephemera.dev/instance': 'us', more: 'x' }), ours)).toBe(true);
  expect(isOwned(objectWith({ 'ephemera.dev/instance': 'them' }), ours)).toBe(false);
  expect(isOwned(objectWith({}), ours)).toBe(false);
  expect(isOwned(objectWith({ 'example.org/name': 'hello' }), job)).toBe(true);
  expect(isOwned(objectWith({ 'example.org/name': 'hello', 'example.org/id': '7' }), job)).toBe(false);
});

test('the selector finds what is owned', () => {
  expect(ownedSelector(ours)).toBe('ephemera.dev/instance=us');
  expect(ownedSelector(job)).toBe('example.org/name=hello,!example.org/id');
});

test('the mark replaces what the object says about its owner, and nothing else', () => {
  const object = objectWith({ 'example.org/name': 'other', 'example.org/id': '7', app: 'web' });
  expect(marked(object, job).metadata.labels).toEqual({ 'example.org/name': 'hello', app: 'web' });
});

test('unmarked is what carries none of the labels, whatever else it carries', () => {
  expect(isUnmarked(objectWith({ app: 'web' }), job)).toBe(true);
  expect(isUnmarked(objectWith({ 'example.org/id': '7' }), job)).toBe(false);
});

test.each([
  ['nobody has marked', {}, ours, 'somebody who is not Ephemera'],
  ['another instance has marked', { 'ephemera.dev/instance': 'them' }, ours, 'another Ephemera (instance them)'],
  ['another name is on', { 'example.org/name': 'other' }, job, 'another owner (example.org/name=other)'],
  [
    'another id is on',
    { 'example.org/name': 'hello', 'example.org/id': '7' },
    job,
    'another owner (example.org/name=hello, example.org/id=7)',
  ],
])('what %s is refused, with whose it is', (_what, labels, owner, whose) => {
  expect(() => assertOwned(objectWith(labels), owner)).toThrow(
    expect.objectContaining({
      code: 'kube.foreign',
      message: `ConfigMap map in shop exists already and belongs to ${whose}.`,
    }),
  );
});

test('nobody owns nothing, selects nothing and marks nothing', () => {
  expect(isOwned(objectWith({}), nobody)).toBe(false);
  expect(isOwned(objectWith({ 'ephemera.dev/instance': 'us' }), nobody)).toBe(false);
  expect(ownedSelector(nobody)).toBe('ephemera.dev/instance,!ephemera.dev/instance');
  expect(() => marked(objectWith({}), nobody)).toThrow(TypeError);
});
