import { expect, test } from 'vitest';
import { isNewEnough } from './toolchain.ts';
import { buildCommand, toolKey, tools } from './tools.ts';

const tool = (name: string): (typeof tools)[number] => {
  const found = tools.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

test('Kubernetes is stamped with its version in both places that report it', () => {
  const { args, cgo } = buildCommand(tool('kube'), '/out/');
  const flags = args.find((arg) => arg.startsWith('-ldflags=')) ?? '';
  expect(flags).toContain('-X k8s.io/component-base/version.gitVersion=v1.36.3');
  expect(flags).toContain('-X k8s.io/client-go/pkg/version.gitVersion=v1.36.3');
  expect(flags.match(/-X /g)).toHaveLength(12);
  expect(cgo).toBe(false);
});

test('runc is the one tool with C, and has seccomp', () => {
  expect(tools.filter((candidate) => buildCommand(candidate, '').cgo).map(({ name }) => name)).toEqual(['runc']);
  expect(buildCommand(tool('runc'), '').args).toContain('-tags=seccomp');
});

test('published tools are installed at an exact version', () => {
  expect(buildCommand(tool('coredns'), '/out/').args).toContain('github.com/coredns/coredns@v1.14.7');
});

test('the key of a tool changes with its version, its flags and the architecture, and with nothing else', () => {
  const runc = tool('runc');
  const key = toolKey(runc, 'x64');
  expect(toolKey({ ...runc }, 'x64')).toBe(key);
  expect(key).toMatch(/^runc-v1\.4\.3-[0-9a-f]{10}$/);
  const others = [
    toolKey(runc, 'arm64'),
    toolKey({ ...runc, version: 'v1.4.4' }, 'x64'),
    toolKey({ ...runc, tags: '' }, 'x64'),
  ];
  expect(new Set([key, ...others]).size).toBe(4);
});

test.each([
  ['go1.26.8', true],
  ['go1.21', true],
  ['go1.20.14', false],
  ['go2.0', true],
  ['devel', false],
])('%s is new enough: %s', (version, enough) => {
  expect(isNewEnough(version)).toBe(enough);
});
