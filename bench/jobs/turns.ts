/** By hand; by `runJob` and `followJob`; by `runJob` and `watchJobs`. */
export const WAYS = ['raw', 'followed', 'watched'] as const;
export type Way = (typeof WAYS)[number];

/** A single job varies more, and takes less. Pure. */
export function roundsFor(count: number): number {
  return count <= 5 ? 9 : 3;
}

/** Which way comes when: in every round all of them, shifted by one each time, so that none always follows the same other. Pure. */
export function turns(rounds: number): readonly Way[] {
  return Array.from({ length: rounds }, (_, round) => [
    ...WAYS.slice(round % WAYS.length),
    ...WAYS.slice(0, round % WAYS.length),
  ]).flat();
}
