import { expect, test } from 'vitest';
import { layoutOf } from './layout.ts';

test('an instance keeps everything in its own folder of the cache', () => {
  const layout = layoutOf('/cache', 'demo');
  const { cache, name, context, node, device, cgroup, ...paths } = layout;
  expect({ cache, name, context, node }).toEqual({
    cache: '/cache',
    name: 'demo',
    context: 'ephemera-demo',
    node: 'ephemera-demo',
  });
  for (const path of Object.values(paths)) expect(path).toMatch(/^\/cache\/clusters\/demo/);
  expect(device.length).toBeLessThan(16);
  expect(cgroup).toMatch(/^ephemera-demo-[0-9a-f]{6}$/);
});

test('instances of the same name in two caches differ in what the machine sees', () => {
  const [one, two] = [layoutOf('/one'), layoutOf('/two')];
  expect(one.device).not.toBe(two.device);
  expect(one.cgroup).not.toBe(two.cgroup);
});

test('a relative cache is resolved, so that it is the same from every folder', () => {
  expect(layoutOf('cache').folder).toBe(`${process.cwd()}/cache/clusters/default`);
});

test.each(['', 'Big', '../up', 'a/b', 'ends-', '1st', 'a'.repeat(21)])('the name "%s" is refused', (name) => {
  expect(() => layoutOf('/cache', name)).toThrow('cannot be the name');
});
