import { expect, test } from 'vitest';
import { manifest } from '../../../test/manifests.ts';
import { parseJob } from '../index.ts';
import { warningsOf } from './warnings.ts';

const paths = (spec: object) => warningsOf(parseJob(manifest(spec))).map(({ path }) => path);

test.each([
  ['nothing', {}, []],
  ['a parallel batch', { parallelism: 3, completions: 3 }, []],
  ['a work queue', { parallelism: 3 }, []],
  ['more pods at a time than have to succeed', { parallelism: 3, completions: 2 }, ['spec.parallelism']],
  ['no pods at a time', { parallelism: 0 }, ['spec.parallelism']],
  [
    'memory in thousandths of a byte',
    { resources: { limits: { memory: '512m' } } },
    ['spec.resources.limits.memory', 'spec.resources.requests.memory'],
  ],
  ['CPU in thousandths', { resources: { limits: { cpu: '512m' } } }, []],
])('%s is warned about at %j', (_, spec, expected) => {
  expect(paths(spec)).toEqual(expected);
});
