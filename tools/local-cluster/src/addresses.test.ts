import { expect, test } from 'vitest';
import { addressesOf, mostInstances } from './addresses.ts';

test('all addresses of an instance lie in its block', () => {
  expect(addressesOf(0)).toEqual({
    block: '10.244.0.0/16',
    pods: '10.244.0.0/18',
    nodePods: '10.244.0.0/24',
    services: '10.244.128.0/18',
    apiService: '10.244.128.1',
    dns: '10.244.128.10',
    host: '10.244.255.1',
    node: '10.244.255.2',
    cablePrefix: 30,
    loopbackPort: 16_443,
  });
});

test('no two instances share a block or a port', () => {
  const all = Array.from({ length: mostInstances }, (_, number) => addressesOf(number));
  expect(new Set(all.map(({ block }) => block)).size).toBe(mostInstances);
  expect(new Set(all.map(({ loopbackPort }) => loopbackPort)).size).toBe(mostInstances);
});

test.each(['10.99.0.0/16', '172.20.0.0/16', '192.168.0.0/16'])('%s can be chosen', (block) => {
  expect(addressesOf(3, block)).toMatchObject({ block, loopbackPort: 16_446 });
});

test.each(['10.99.1.0/16', '10.99.0.0/24', '10.300.0.0/16', '8.8.0.0/16', '172.40.0.0/16', '', 'x'])(
  '"%s" is refused as a block',
  (block) => {
    expect(() => addressesOf(0, block)).toThrow('is not a network');
  },
);
