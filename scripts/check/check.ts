/** One thing that is looked at. Problems are sentences for people: where, what, and what to do. */
export interface Check {
  readonly name: string;
  readonly run: (root: string) => Promise<Findings>;
}

export interface Findings {
  readonly problems: readonly string[];
  /** Worth reading, but no failure. */
  readonly notes?: readonly string[];
}
