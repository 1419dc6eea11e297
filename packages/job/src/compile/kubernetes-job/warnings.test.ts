import { expect, test } from 'vitest';
import { manifest } from '../../../test/manifests.ts';
import { parseJob } from '../index.ts';
import { warningsOf } from './warnings.ts';

const paths = (spec: object, metadata: object = {}) =>
  warningsOf(parseJob(manifest(spec, metadata))).map(({ path }) => path);

test.each([
  ['nothing', {}, []],
  ['a parallel batch', { parallelism: 3, completions: 3 }, []],
  ['a work queue', { parallelism: 3 }, []],
  ['more pods at a time than have to succeed', { parallelism: 3, completions: 2 }, ['spec.parallelism']],
  ['no pods at a time', { parallelism: 0 }, ['spec.parallelism']],
  ['memory in thousandths of a byte', { resources: { limits: { memory: '512m' } } }, ['spec.resources.limits.memory']],
  [
    'memory in thousandths of a byte, twice',
    { resources: { limits: { memory: '512m' }, requests: { memory: '256m' } } },
    ['spec.resources.limits.memory', 'spec.resources.requests.memory'],
  ],
  ['CPU in thousandths', { resources: { limits: { cpu: '512m' } } }, []],
])('%s is warned about at %j', (_, spec, expected) => {
  expect(paths(spec)).toEqual(expected);
});

const enforce = 'pod-security.kubernetes.io/enforce';

test.each([
  [
    'an old annotation for AppArmor',
    {},
    { annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'x' } },
    1,
  ],
  ['an old annotation for seccomp', {}, { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'x' } }, 1],
  ['a level of Pod Security that is none', { createNamespace: true }, { labels: { [enforce]: 'x' } }, 1],
  ['one for a namespace that is not made', {}, { labels: { [enforce]: 'x' } }, 0],
  ['a level that there is', { createNamespace: true }, { labels: { [enforce]: 'baseline' } }, 0],
])('%s: what the cluster may refuse is warned about', (_, spec, metadata, count) => {
  expect(paths(spec, metadata)).toHaveLength(count);
});
