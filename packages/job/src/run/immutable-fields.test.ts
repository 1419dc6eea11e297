import { expect, test } from 'vitest';
import { immutableFields } from './immutable-fields.ts';

test.each([
  ['Job.batch "a" is invalid: spec.template: Invalid value: {"spec":{}}: field is immutable', ['spec.template']],
  [
    'Job.batch "a" is invalid: [spec.completions: Invalid value: 5: field is immutable, spec.completionMode: Invalid value: "Indexed": field is immutable]',
    ['spec.completions', 'spec.completionMode'],
  ],
  ['spec.template: Invalid value: {"args":["status.fake"]}: field is immutable', ['spec.template']],
])('%s', (reason, fields) => {
  expect(immutableFields(reason)).toEqual(fields);
});

test('a refusal for another reason is none of immutability', () => {
  expect(immutableFields('spec.parallelism: Invalid value: -1: must be greater than or equal to 0')).toBeUndefined();
});
