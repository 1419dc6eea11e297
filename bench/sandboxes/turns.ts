/** More than this of one by one shows nothing new. */
const mostRounds = 20;
const mostTransfers = 5;
const mostHandles = 1_000;
const handlesForEach = 20;

/** How much of everything belongs to so many sandboxes at once, so that a small count is a short run. Pure. */
export interface Extent {
  /** Starts of each way, one after another. */
  readonly rounds: number;
  /** Uploads and downloads of each way. */
  readonly transfers: number;
  readonly handles: number;
}

/** Pure. */
export function extentFor(count: number): Extent {
  return {
    rounds: Math.min(count, mostRounds),
    transfers: Math.min(count, mostTransfers),
    handles: Math.min(count * handlesForEach, mostHandles),
  };
}

/** Which way comes when: in every round all of them, shifted by one each time, so that none always follows the same other. Pure. */
export function inTurn<Way>(ways: readonly Way[], rounds: number): readonly Way[] {
  return Array.from({ length: rounds }, (_, round) => {
    const first = round % ways.length;
    return [...ways.slice(first), ...ways.slice(0, first)];
  }).flat();
}
