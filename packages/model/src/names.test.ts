import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dnsName, labelValue, shortHash } from './names.ts';

const dns1123 = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const anyText = fc.string({ unit: 'binary', maxLength: 300 });

test('every name is a DNS-1123 label of at most 63 characters, whatever goes in', () => {
  fc.assert(
    fc.property(fc.array(anyText), fc.array(anyText), (readable, identity) => {
      expect(dnsName(readable, identity)).toMatch(dns1123);
    }),
  );
});

test('two different identities never share a name, even where they read alike', () => {
  const identity = fc.tuple(
    fc.constantFrom('acme', 'acme-shop', 'Acme'),
    fc.constantFrom('shop', 'a.shop', 'a-shop'),
    fc.nat(30).map(String),
  );
  fc.assert(
    fc.property(identity, identity, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(dnsName(['pr'], one)).not.toBe(dnsName(['pr'], other));
    }),
  );
});

test('the parts of an identity keep their borders', () => {
  expect(shortHash(['a', 'bc'])).not.toBe(shortHash(['ab', 'c']));
});

test('the readable part survives as far as it fits', () => {
  expect(dnsName(['pr', '12', 'My_Shop.js'], ['1'])).toMatch(/^pr-12-my-shop-js-[0-9a-f]{10}$/);
  expect(dnsName(['--', '!'], ['1'])).toMatch(/^x-[0-9a-f]{10}$/);
});

test('every label value is one that Kubernetes takes', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(labelValue(text)).toMatch(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
    }),
  );
  expect(labelValue('acme/shop.')).toBe('acme-shop');
});
