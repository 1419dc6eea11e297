import { expect } from 'vitest';
import { soon, type World } from './world.ts';

export interface ShownSweep {
  readonly id: number;
  readonly state: string;
  readonly complete: boolean | null;
  readonly capped: boolean;
  readonly findings: readonly {
    readonly kind: string;
    readonly subject: string;
    readonly action: string;
    readonly detail: string;
  }[];
}

/** Asks for one pass as a person does, and waits for its end. */
export async function sweepNow({ api }: World): Promise<ShownSweep> {
  const { id } = await api<ShownSweep>('/api/v1/sweeps', 'POST');
  let last: ShownSweep | undefined;
  await soon(async () => {
    last = await api<ShownSweep>(`/api/v1/sweeps/${id}`);
    expect(last.state).toBe('done');
  });
  if (!last) throw new Error('no sweep');
  return last;
}

/** What it found, as `kind subject action`. */
export function found({ findings }: ShownSweep): string[] {
  return findings.map(({ kind, subject, action }) => `${kind} ${subject} ${action}`);
}
