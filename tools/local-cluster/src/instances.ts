import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mostInstances } from './addresses.ts';
import { TooManyInstances } from './errors.ts';
import { sharedFolders } from './layout.ts';
import { lock } from './lock.ts';

/** Known names have fixed numbers, so their addresses are the same on every machine. */
const fixed: Readonly<Record<string, number>> = { default: 0, test: 1 };
const firstFree = 2;

type Numbers = Record<string, number>;

/** The number of an instance, on which its addresses depend; given out at its first `up` and kept until `down`. */
export async function takeNumber(cache: string, name: string): Promise<number> {
  return changeNumbers(cache, (numbers) => (numbers[name] ??= nextNumber(numbers)), fixed[name]);
}

export async function returnNumber(cache: string, name: string): Promise<void> {
  await changeNumbers(cache, (numbers) => (delete numbers[name], 0), fixed[name]);
}

export function nextNumber(numbers: Readonly<Numbers>): number {
  const taken = new Set(Object.values(numbers));
  for (let number = firstFree; number < mostInstances; number++) if (!taken.has(number)) return number;
  throw new TooManyInstances({ most: mostInstances });
}

async function changeNumbers(cache: string, change: (numbers: Numbers) => number, known?: number): Promise<number> {
  if (known !== undefined) return known;
  const { clusters } = sharedFolders(cache);
  const file = join(clusters, 'numbers.json');
  const held = await lock(file);
  try {
    await mkdir(clusters, { recursive: true });
    const text = await readFile(file, 'utf8').catch(() => '{}');
    const numbers = JSON.parse(text) as Numbers;
    const result = change(numbers);
    await writeFile(`${file}.new`, JSON.stringify(numbers));
    await rename(`${file}.new`, file);
    return result;
  } finally {
    await held.release();
  }
}
