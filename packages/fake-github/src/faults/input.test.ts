import { expect, test } from 'vitest';
import { parseInput } from '../control/input.ts';
import { faultsInput } from './input.ts';

test.for<[list: unknown, error: RegExp]>([
  [undefined, /\(body\): .*expected array/],
  [{}, /expected array/],
  [[{ match: {}, fault: { status: 500 } }], /0\.match: must have either event/],
  [[{ match: { path: '/app', event: 'ping' }, fault: { drop: true } }], /0\.match: must have either event/],
  [[{ match: { path: 'app' }, fault: { drop: true } }], /0\.match\.path: must begin with a slash/],
  [[{ match: { event: 'Pull' }, fault: { drop: true } }], /0\.match\.event: must be an event/],
  [[{ match: { path: '/app' }, fault: {} }], /0\.fault: must say what happens/],
  [[{ match: { path: '/app' }, fault: { explode: true } }], /Unrecognized key: "explode"/],
  [[{ match: { path: '/app' }, fault: { duplicate: 2 } }], /0\.fault\.duplicate: is nothing that happens to a request/],
  [[{ match: { event: 'ping' }, fault: { status: 500 } }], /0\.fault\.status: is nothing that happens to a delivery/],
  [[{ match: { path: '/app' }, fault: { status: 500, drop: true } }], /0\.fault\.drop: cannot go with status/],
  [[{ match: { path: '/app' }, fault: { headers: { a: 'b' } } }], /0\.fault\.headers: needs a status/],
  [[{ match: { path: '/app' }, fault: { status: 500, headers: { 'a b': 'c' } } }], /must be the name of a header/],
  [[{ match: { path: '/app' }, fault: { status: 500 }, times: 0 }], /0\.times: /],
])('a bad fault is refused with the place and the reason: %j', ([list, error]) => {
  expect(() => parseInput(faultsInput, list)).toThrow(error);
});
