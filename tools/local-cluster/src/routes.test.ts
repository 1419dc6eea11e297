import { expect, test } from 'vitest';
import { overlapping, parseRoutes } from './routes.ts';

const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const line = (device: string, destination: string, mask: string): string =>
  `${device}\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0\n`;

test('the table of the kernel is read in its byte order', () => {
  expect(parseRoutes(head + line('eth0', '000200C0', '00FFFFFF'))).toEqual([
    { device: 'eth0', network: 0xc0_00_02_00, prefix: 24 },
  ]);
});

test('an empty table has no routes', () => {
  expect(parseRoutes(head)).toEqual([]);
});

test.each([
  // destination   mask        what it is           taken
  ['00000000', '00000000', 'the default route', false],
  ['00000000', '00000080', 'half of everything', false],
  ['000200C0', '00FFFFFF', 'another network', false],
  ['0000F30A', '0000FFFF', 'the next block', false],
  ['0000F40A', '0000FFFF', 'the block itself', true],
  ['0005F40A', '00FFFFFF', 'a part of the block', true],
  ['0000000A', '000000FF', 'a network around the block', true],
])('route %s/%s, %s: taken %s', (destination, mask, _, taken) => {
  const routes = parseRoutes(head + line('vpn0', destination, mask));
  expect(overlapping(routes, '10.244.0.0/16') !== undefined).toBe(taken);
});
