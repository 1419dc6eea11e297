import { expect, test } from 'vitest';
import { example } from '../examples.ts';
import { without } from '../without.ts';
import { operationChecks, payloadCheck } from './checks.ts';
import { normalise } from './normalise.ts';
import { operations } from './used.ts';
import type { Json } from './description.ts';

const pull = () => example('pull_request', 'opened')['pull_request'] as Json;
const messages = (problems: readonly { message?: string | undefined }[] | undefined) =>
  problems?.map(({ message }) => message);

test('an answer is held against the description', () => {
  const { answer } = operationChecks('GET', '/repos/{owner}/{repo}/pulls/{pull_number}');
  expect(answer(200)?.(pull())).toEqual([]);
  expect(messages(answer(200)?.(without(pull(), ['head'])))).toEqual(["must have required property 'head'"]);
  expect(messages(answer(200)?.({ ...pull(), state: 'ajar' }))).toEqual(['must be equal to one of the allowed values']);
  expect(messages(answer(200)?.({ ...pull(), merged_at: 'yesterday' }))).toEqual(['must match format "date-time"']);
  expect(answer(418)).toBeUndefined();
});

test('a payload is held against the description', () => {
  const payload = example('pull_request', 'closed');
  expect(payloadCheck('pull_request', 'closed')?.(payload)).toEqual([]);
  expect(payloadCheck('pull_request', 'closed')?.(without(payload, ['repository']))).toHaveLength(1);
  expect(payloadCheck('pull_request', 'exploded')).toBeUndefined();
});

test('parameters become what the description says they are', () => {
  const { parameters } = operationChecks('GET', '/repos/{owner}/{repo}/pulls');
  const given: Json = { owner: 'acme', repo: 'shop', page: '2' };
  expect(parameters(given)).toEqual([]);
  expect(given).toMatchObject({ page: 2, per_page: 30, state: 'open' });
  expect(messages(parameters({ owner: 'acme', repo: 'shop', page: 'two' }))).toEqual(['must be integer']);
});

test('an operation that the description does not have is refused at once', () => {
  expect(() => operationChecks('DELETE', operations[0])).toThrow("GitHub's description has no DELETE /app");
});

test.each([
  [
    { type: 'string', nullable: true },
    { type: 'string', nullable: true },
  ],
  [
    { type: 'string', nullable: true, enum: ['a'] },
    { type: 'string', nullable: true, enum: ['a', null] },
  ],
  [{ nullable: true, anyOf: [{ type: 'string' }] }, { anyOf: [{ anyOf: [{ type: 'string' }] }, { enum: [null] }] }],
  [{ type: 'object', examples: { a: 1 } }, { type: 'object' }],
])('%j reads as %j', (openApi, jsonSchema) => {
  expect(normalise(openApi)).toEqual(jsonSchema);
});
