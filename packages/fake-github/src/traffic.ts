import type { Json } from './openapi/description.ts';

/** A call that puts something on GitHub: a status, a comment or a check run, made or changed. */
export interface Write {
  /** Undefined where the request carried no token that holds. */
  readonly installationId: number | undefined;
  readonly method: string;
  readonly path: string;
  readonly at: Date;
  /** What was answered, or would have been if the answer was not dropped. */
  readonly status: number;
}

export interface RouteCount {
  readonly method: string;
  /** With the names of its parameters, as in GitHub's description. */
  readonly route: string;
  readonly count: number;
}

/** Counts what arrived at the API, for tests and benches. */
export interface Traffic {
  readonly record: (route: string, write: Write) => void;
  readonly writes: () => readonly Write[];
  readonly requests: () => RouteCount[];
}

const writers = /^\/repos\/[^/]+\/[^/]+\/(?:statuses\/|issues\/comments\/|issues\/[^/]+\/comments|check-runs)/;

export function createTraffic(): Traffic {
  const writes: Write[] = [];
  const counts = new Map<string, { method: string; route: string; count: number }>();
  return {
    record: (route, write) => {
      const key = `${write.method} ${route}`;
      const counted = counts.get(key) ?? { method: write.method, route, count: 0 };
      counted.count += 1;
      counts.set(key, counted);
      if (write.method !== 'GET' && writers.test(write.path)) writes.push(write);
    },
    writes: () => writes,
    requests: () => [...counts.values()].map((counted) => ({ ...counted })),
  };
}

/** As the control API shows it. */
export const writeView = ({ installationId, ...write }: Write): Json => ({
  installation_id: installationId ?? null,
  ...write,
});
