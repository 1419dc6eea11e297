import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLink } from '../link/link.ts';
import { createCommands } from './create-commands.ts';
import { type Cut, LocalRunner } from './testing/local-runner.ts';

let runner: LocalRunner;
beforeAll(async () => {
  runner = await LocalRunner.start();
});
afterAll(() => runner.stop());

let runs = 0;
/** Writes to both outputs, reads its input, leaves a line in a file each time that it is started, and ends with 7. */
const script = 'echo x >> "$0"; printf out; cat; printf err >&2; exit 7';

/** Returns how many streams broke. */
async function once(cuts: readonly Cut[]): Promise<number> {
  const name = `starts-${(runs += 1)}`;
  const left = [...cuts];
  const place = runner.place(() => left.shift() ?? {});
  const link = createLink(place, { mostBackoffMs: 1, env: { A: 'b' } });
  try {
    const result = await createCommands(link).run(['sh', '-c', script, name], { stdin: 'input' });
    expect(result).toMatchObject({ exitCode: 7, stdout: 'outinput', stderr: 'err' });
  } finally {
    link.dispose();
  }
  expect(await readFile(join(runner.folder, name), 'utf8')).toBe('x\n');
  return place.cuts;
}

/** All of them, some at a time. Returns how many streams broke. */
async function each(all: readonly (readonly Cut[])[]): Promise<number> {
  const left = [...all];
  const work = async () => {
    let cuts = 0;
    for (let next = left.shift(); next; next = left.shift()) cuts += await once(next);
    return cuts;
  };
  return (await Promise.all(Array.from({ length: 12 }, work))).reduce((sum, cuts) => sum + cuts, 0);
}

/** How many bytes one run takes each way, at least. */
const most = 420;

const everywhere = Array.from({ length: most }, (_, at) => at);
const somewhere = () => Math.floor(Math.random() * 250);

describe('a run is started once, its output is whole and its exit code right', () => {
  test('when the stream breaks after any number of bytes from the runner', async () => {
    expect(await each(everywhere.map((down) => [{ down }]))).toBeGreaterThan(200);
  });

  test('when the stream breaks after any number of bytes to the runner', async () => {
    expect(await each(everywhere.map((up) => [{ up }]))).toBeGreaterThan(200);
  });

  test('when many streams in a row break at places of their own', async () => {
    const rounds = Array.from({ length: 40 }, () =>
      Array.from({ length: 12 }, () => ({ down: somewhere(), up: somewhere() })),
    );
    expect(await each(rounds)).toBeGreaterThan(150);
  });
});

test('megabytes through a command come back byte by byte, over dozens of streams that break', async () => {
  const place = runner.place(() => ({ down: 70_000 + Math.random() * 90_000, up: 70_000 + Math.random() * 90_000 }));
  const link = createLink(place, { mostBackoffMs: 1 });
  const data = randomBytes(6_000_000);
  const pieces: Uint8Array[] = [];
  try {
    const result = await createCommands(link).run(['cat'], {
      stdin: data,
      onStdout: (bytes) => void pieces.push(Uint8Array.from(bytes)),
    });
    expect(result.exitCode).toBe(0);
    expect(Buffer.compare(Buffer.concat(pieces), data)).toBe(0);
    expect(Buffer.compare(result.output.stdout.bytes, data)).toBe(0);
  } finally {
    link.dispose();
  }
  expect(place.cuts).toBeGreaterThan(40);
});

test('64 commands at once on streams that break all the time have their own output and their own exit code', async () => {
  const place = runner.place(() => ({ down: 1000 + Math.random() * 8000 }));
  const link = createLink(place, { mostBackoffMs: 5 });
  const commands = createCommands(link);
  try {
    const results = await Promise.all(
      Array.from({ length: 64 }, (_, index) => commands.shell(`echo ${index}; seq 1 200; exit ${index}`)),
    );
    const numbers = Array.from({ length: 200 }, (_, index) => `${index + 1}\n`).join('');
    for (const [index, { exitCode, stdout }] of results.entries()) {
      expect([exitCode, stdout]).toEqual([index, `${index}\n${numbers}`]);
    }
  } finally {
    link.dispose();
  }
  expect(place.cuts).toBeGreaterThan(5);
});
