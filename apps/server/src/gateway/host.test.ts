import { expect, test } from 'vitest';
import { classifyHost } from './host.ts';

test.each([
  ['pr-1-0123456789.preview.example', 'environment'],
  ['PR-1-0123456789.Preview.Example:3001', 'environment'],
  ['pr-1-0123456789.preview.example.', 'environment'],
  ['anything.at.all.preview.example', 'environment'],
  ['preview.example', 'server'],
  ['127.0.0.1:3001', 'server'],
  ['[::1]:3001', 'server'],
  ['localhost:3001', 'server'],
  ['evilpreview.example', 'unknown'],
  ['rebound.attacker.example:3001', 'unknown'],
  [undefined, 'server'],
] as const)('the host %s is %s', (header, kind) => {
  expect(classifyHost(header, 'preview.example').kind).toBe(kind);
});
