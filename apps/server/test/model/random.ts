import { createHash } from 'node:crypto';

/** Numbers in [0, 1) that follow from a seed, so that a failing run can be played again. Speed does not matter here. */
export function seeded(seed: number): () => number {
  let drawn = 0;
  return () => {
    drawn += 1;
    return createHash('sha256').update(`${seed}/${drawn}`).digest().readUInt32BE() / 2 ** 32;
  };
}
