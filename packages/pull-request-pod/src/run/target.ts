/** Everything of one name in one namespace, as one maker sees it. */
export interface PrJobTarget {
  readonly name: string;
  readonly namespace: string;
  /** The id of the server's database. Default: what was made without a server, and nothing else. */
  readonly instance?: string | undefined;
}
