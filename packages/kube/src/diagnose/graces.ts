/** How long each kind of trouble may last before it is final. All of them in milliseconds, unless the name says otherwise. */
export interface Graces {
  /** An image that cannot be pulled. Registries fail for moments. */
  readonly imagePullMs: number;
  /** So many failed pulls are final, also before the time is over. */
  readonly imagePullAttempts: number;
  /** A pod that no node takes, counted again from every scale-up: a new node needs its minutes. */
  readonly unschedulableMs: number;
  /** A volume that cannot be mounted, or a sandbox that cannot be made. */
  readonly volumeMs: number;
  /** A Job without pods. */
  readonly noPodMs: number;
  /**
   * So many restarts of a crashing container are waited for in a pod without a Job. 0, as what crashes at its start seldom heals;
   * services that wait for each other by crashing want more.
   */
  readonly crashRestarts: number;
  /** A container that was killed for its memory and runs again for so long counts as healed. */
  readonly healedMs: number;
}

export const defaultGraces: Graces = {
  imagePullMs: 30_000,
  imagePullAttempts: 3,
  unschedulableMs: 120_000,
  volumeMs: 60_000,
  noPodMs: 30_000,
  crashRestarts: 0,
  healedMs: 600_000,
};
