import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { isSigned } from './signature.ts';

// The published example: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
const secret = "It's a Secret to Everybody";
const body = Buffer.from('Hello, World!');
const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

test("GitHub's own example is accepted", () => {
  expect(isSigned(body, signature, [secret])).toBe(true);
});

test('while a secret is replaced, the new and the previous one are both accepted', () => {
  expect(isSigned(body, signature, ['the new one', secret])).toBe(true);
  expect(isSigned(body, signature, ['the new one'])).toBe(false);
});

test.each([
  ['no signature', undefined],
  ['an empty one', ''],
  ['a truncated one', signature.slice(0, -1)],
  ['a wrong one', signature.replace('7', '8')],
  ['upper case', signature.toUpperCase()],
  ['SHA-1 only', `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`],
])('%s is refused', (_, header) => {
  expect(isSigned(body, header, [secret])).toBe(false);
});

test('the signature covers the bytes, not the text: re-encoded JSON is refused', () => {
  const raw = Buffer.from('{"a":1.0,"b":"\\u00e9"}');
  const header = `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`;
  expect(isSigned(raw, header, [secret])).toBe(true);
  expect(isSigned(Buffer.from(JSON.stringify(JSON.parse(raw.toString()))), header, [secret])).toBe(false);
});
