import { bringUp, CannotRun, type TestCluster } from './cluster.ts';
import type { Tier } from './tiers.ts';

export interface Preparation {
  /** Makes ready what the tier needs. A string is why this machine cannot. */
  prepare(tier: Tier): Promise<string | undefined>;
  /** Takes down what `prepare` brought up; also after a run that was interrupted in the middle of it. */
  undo(): Promise<void>;
}

export interface Surroundings {
  readonly context: string | undefined;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The cluster comes up once, for the first tier that needs it, and stays for the others. Test processes inherit where it is. */
export function preparation({ context, say, signal }: Surroundings): Preparation {
  let cluster: Promise<TestCluster> | undefined;

  return {
    prepare: async ({ needs }) => {
      if (needs === 'nothing') return undefined;
      if (context !== undefined) {
        process.env.EPHEMERA_TEST_CONTEXT = context;
        return undefined;
      }
      try {
        cluster ??= bringUp(say, signal);
        const { environment } = await cluster;
        for (const [name, value] of Object.entries(environment)) if (value !== null) process.env[name] = value;
        return undefined;
      } catch (error) {
        if (error instanceof CannotRun) return error.message;
        throw error;
      }
    },
    undo: async () => {
      // A cluster that did not come up has taken itself down and said why.
      const up = await cluster?.catch(() => undefined);
      await up?.down();
    },
  };
}
