import type { Figure } from './figures.ts';
import type { Flags } from './flags.ts';

export interface BenchOptions extends Omit<Flags, 'name' | 'json'> {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface Measured {
  readonly figures: readonly Figure[];
  /** What should be gone and is not, as `kind/namespace/name`. */
  readonly leftovers: readonly string[];
}

export type Benchmark = (options: BenchOptions) => Promise<Measured>;
