import { expect, test } from 'vitest';
import { screen } from './screen.ts';

const fine = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${'a'.repeat(64)}` };

test.each([
  ['application/json; charset=utf-8', undefined, '1000'],
  ['Application/JSON', 'identity', undefined],
])('headers with the type %s, the encoding %s and the length %s let the body be read', (type, encoding, length) => {
  const headers = { ...fine, 'content-type': type, 'content-encoding': encoding, 'content-length': length };
  expect(() => screen(headers, 1_000)).not.toThrow();
});

test.each([
  ['no content type', { 'content-type': undefined }, 'request.media_type'],
  ['a type that only begins like JSON', { 'content-type': 'application/jsonp' }, 'request.media_type'],
  ['a compressed body', { 'content-encoding': 'br' }, 'request.media_type'],
  ['a body above the limit', { 'content-length': '1001' }, 'request.too_large'],
  ['no signature', { 'x-hub-signature-256': undefined }, 'webhook.signature_invalid'],
  ['a signature that is too short', { 'x-hub-signature-256': `sha256=${'a'.repeat(63)}` }, 'webhook.signature_invalid'],
  ['a signature by SHA-1', { 'x-hub-signature-256': `sha1=${'a'.repeat(40)}` }, 'webhook.signature_invalid'],
])('%s is refused by the headers alone', (_what, change, code) => {
  expect(() => screen({ ...fine, ...change }, 1_000)).toThrow(expect.objectContaining({ code }));
});
