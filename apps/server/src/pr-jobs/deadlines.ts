/**
 * How long a create may take with all that it does to a cluster, in milliseconds. What is not over then is broken off: the sweep takes a
 * name for settled soon after, and would remove what a slower create has just made.
 */
export const createDeadlineMs = 90_000;

/**
 * How long after its last use a name is settled, in milliseconds: no create of it is under way any more. Longer than
 * `createDeadlineMs` by what a call that was broken off may still do in the cluster.
 */
export const settledAfterMs = 120_000;
