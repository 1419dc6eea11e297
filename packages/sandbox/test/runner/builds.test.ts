import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { BUILD_FLAGS, SOURCE_FLAGS } from '../../src/runner/build-runner.ts';
import { provideRunner } from '../../src/runner/provide-runner.ts';
import { readSources, sourceHash } from '../../src/runner/sources.ts';
import { lacksCompilers, SOURCES, usersBuild } from './builds.ts';
import { BUILD_MS } from './runner-process.ts';

const here = process.arch === 'arm64' ? 'arm64' : 'amd64';
const other = here === 'amd64' ? 'arm64' : 'amd64';

test.skipIf(lacksCompilers)(
  "the compiler's analysis of all paths finds nothing in the sources",
  async () => {
    const files = (await readdir(SOURCES)).filter((name) => name.endsWith('.c')).map((name) => join(SOURCES, name));
    const folder = await mkdtemp(join(tmpdir(), 'ephemera-analysis-'));
    const args = [...SOURCE_FLAGS, '-Wshadow', '-O1', '-fanalyzer', '-c', ...files];
    try {
      await expect(promisify(execFile)('gcc', args, { cwd: folder, timeout: BUILD_MS })).resolves.toEqual({
        stdout: '',
        stderr: '',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  BUILD_MS,
);

test.skipIf(lacksCompilers)(
  'the runner is a static program of less than 200 KB that tells its version',
  async () => {
    const bytes = await provideRunner(here);
    expect(bytes.byteLength).toBeLessThan(200_000);
    // Nothing that the image would have to have: no loader is named.
    expect(Buffer.from(bytes).includes('/ld-')).toBe(false);
    const { stdout } = await promisify(execFile)(await usersBuild(), ['version']);
    expect(stdout).toMatch(/^runner \d+\.\d+\.\d+, protocol 1\n$/);
  },
  BUILD_MS,
);

test.skipIf(lacksCompilers)(
  'two at once build it both, and the cache has one whole file afterwards',
  async () => {
    const cache = await mkdtemp(join(tmpdir(), 'ephemera-cache-'));
    try {
      // In another spelling the folder is another one to the memory of this process, as it is to another process.
      const [one, two] = await Promise.all([
        provideRunner(here, { cache }),
        provideRunner(here, { cache: `${cache}/.` }),
      ]);
      expect(Buffer.from(one).equals(two)).toBe(true);
      expect(await readdir(join(cache, 'runner'))).toHaveLength(1);
      expect(await provideRunner(here, { cache })).toBe(one);
    } finally {
      await rm(cache, { recursive: true });
    }
  },
  BUILD_MS,
);

test.skipIf(lacksCompilers)(
  'a file in the cache that is no program is built anew',
  async () => {
    const cache = await mkdtemp(join(tmpdir(), 'ephemera-cache-'));
    try {
      const hash = sourceHash(await readSources(SOURCES), [...BUILD_FLAGS, here]);
      await mkdir(join(cache, 'runner'));
      await writeFile(join(cache, 'runner', hash), '');
      const bytes = await provideRunner(here, { cache });
      expect(Buffer.from(bytes.subarray(1, 4)).toString()).toBe('ELF');
      expect(await readdir(join(cache, 'runner'))).toEqual([hash]);
    } finally {
      await rm(cache, { recursive: true });
    }
  },
  BUILD_MS,
);

test.skipIf(lacksCompilers)(
  'for another architecture there is none unless it was shipped, and the error says so',
  async () => {
    const cache = await mkdtemp(join(tmpdir(), 'ephemera-cache-'));
    try {
      await expect(provideRunner(other, { cache })).rejects.toMatchObject({
        code: 'sandbox.runner_missing',
        details: { arch: other },
      });
      await expect(provideRunner(here, { cache, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    } finally {
      await rm(cache, { recursive: true });
    }
  },
);

test('the name in the cache changes with sources and flags', async () => {
  const sources = await readSources(SOURCES);
  const [first, ...rest] = sources;
  const hashes = [
    sourceHash(sources, ['a']),
    sourceHash(sources, ['b']),
    sourceHash(rest, ['a']),
    sourceHash([{ name: 'x.c', text: first?.text ?? '' }, ...rest], ['a']),
  ];
  expect(new Set(hashes).size).toBe(4);
  expect(sourceHash(sources, ['a'])).toBe(hashes[0]);
});
