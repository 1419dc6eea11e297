import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('a module of another package is built there, and its key does not tell where that is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-modules-'));
  cpSync(join(import.meta.dirname, '..', 'go', 'pause'), join(folder, 'pause'), { recursive: true });
  const pause = tool('pause');
  const elsewhere = { ...pause, source: { module: 'pause', folder } };
  expect(toolKey(elsewhere)).toBe(toolKey(pause));
  appendFileSync(join(folder, 'pause', 'main.go'), '// changed');
  expect(toolKey(elsewhere)).not.toBe(toolKey(pause));
  rmSync(folder, { recursive: true });
  const program = 'example.org/program';
  expect(buildCommand({ ...pause, source: { module: 'pause', program } }, '/out/').args.at(-1)).toBe(program);
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
