import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { digestOf, imageArchive, layeredImage, makeImage, makeLayer } from './image.ts';
import { tar, type TarEntry } from './tar.ts';

const files: TarEntry[] = [
  { path: 'bin', kind: 'folder', mode: 0o755 },
  { path: 'bin/tool', kind: 'file', mode: 0o755, content: Buffer.from('#!/bin/sh\necho hello\n') },
  { path: 'bin/alias', kind: 'symlink', mode: 0o777, target: 'tool' },
];

test('the archive can be read by tar', () => {
  const listed = execFileSync('tar', ['-tvf', '-'], { input: tar(files), encoding: 'utf8' });
  expect(listed).toMatch(/^drwxr-xr-x root\/root +0 1970-01-01 .* bin\/$/m);
  expect(listed).toMatch(/^-rwxr-xr-x root\/root +21 1970-01-01 .* bin\/tool$/m);
  expect(listed).toMatch(/^lrwxrwxrwx root\/root +0 1970-01-01 .* bin\/alias -> tool$/m);
});

test('a path of up to 255 bytes is cut at a slash, and tar puts it together again', () => {
  const path = `${'folder/'.repeat(20)}${'n'.repeat(100)}`;
  const entries: TarEntry[] = [
    { path: path.slice(0, 139), kind: 'folder', mode: 0o755 },
    { path, kind: 'file', mode: 0o644 },
  ];
  const listed = execFileSync('tar', ['-tf', '-'], { input: tar(entries), encoding: 'utf8' });
  expect(listed).toBe(`${path.slice(0, 140)}\n${path}\n`);
});

test.each([
  ['path', { path: 'x'.repeat(101), kind: 'file', mode: 0o644 }],
  ['path of many folders', { path: `${'x/'.repeat(120)}${'y'.repeat(60)}`, kind: 'file', mode: 0o644 }],
  ['target', { path: 'x', kind: 'symlink', mode: 0o777, target: 'y'.repeat(101) }],
] as const)('a %s that does not fit is refused instead of cut', (_what, entry) => {
  expect(() => tar([entry])).toThrow('Too long');
});

test('the same files give the same image', () => {
  const image = makeImage(files, { arch: 'amd64', command: ['tool'] });
  expect(makeImage(files, { arch: 'amd64', command: ['tool'] }).manifest.digest).toBe(image.manifest.digest);
  expect(makeImage(files, { arch: 'arm64', command: ['tool'] }).manifest.digest).not.toBe(image.manifest.digest);
  // Uncompressed, so that another zlib does not matter: the bytes of the archive are fixed.
  expect(digestOf(tar(files))).toMatchInlineSnapshot(
    `"sha256:1ee5a8b5308fa3d5fd2d6762cd49d1ebbc9e36d69b70305b4181115d64524305"`,
  );
});

test('the manifest names what it consists of', () => {
  const { manifest, config, layers } = makeImage(files, { arch: 'amd64', entrypoint: ['/bin/tool'] });
  expect(JSON.parse(String(manifest.content))).toMatchObject({
    config: { digest: digestOf(config.content), size: config.content.length },
    layers: layers.map(({ content }) => ({ digest: digestOf(content), size: content.length })),
  });
  expect(JSON.parse(String(config.content))).toMatchObject({
    architecture: 'amd64',
    config: { Entrypoint: ['/bin/tool'] },
    rootfs: { diff_ids: [digestOf(tar(files))] },
  });
});

test('an image of several layers names all of them in their order, beside its environment and its volumes', () => {
  const layers = [makeLayer(files), makeLayer([{ path: 'etc', kind: 'folder', mode: 0o755 }])];
  const image = layeredImage(layers, { arch: 'amd64', environment: { HOME: '/tmp' }, volumes: ['/var/lib/tool'] });
  const { config, rootfs } = JSON.parse(String(image.config.content));
  expect(rootfs.diff_ids).toEqual(layers.map(({ diffId }) => diffId));
  expect(config).toEqual({
    Env: [expect.stringMatching(/^PATH=/), 'HOME=/tmp'],
    Volumes: { '/var/lib/tool': {} },
  });
  const listed = execFileSync('tar', ['-tf', '-'], { input: imageArchive(image, 'tool:1'), encoding: 'utf8' });
  for (const { digest } of layers) expect(listed).toContain(digest.replace(':', '/'));
});

test('the archive for import carries the full name', () => {
  const archive = imageArchive(makeImage(files, { arch: 'amd64' }), 'docker.io/library/tool:1');
  const index = execFileSync('tar', ['-xOf', '-', 'index.json'], { input: archive, encoding: 'utf8' });
  expect(JSON.parse(index)).toMatchObject({
    manifests: [{ annotations: { 'io.containerd.image.name': 'docker.io/library/tool:1' } }],
  });
});
