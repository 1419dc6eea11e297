import { bringUp, CannotRun, type TestCluster } from './cluster.ts';
import { needsPulumi, providePulumiTo } from './pulumi.ts';
import type { Tier } from './tiers.ts';

export interface Preparation {
  /** Makes ready what the tier needs. A string is why this machine cannot. */
  prepare(tier: Tier): Promise<string | undefined>;
  /** Takes down what `prepare` brought up; also after a run that was interrupted in the middle of it. */
  undo(): Promise<void>;
}

export interface Surroundings {
  readonly root: string;
  /** Parts of paths that choose files; empty means all. */
  readonly files: readonly string[];
  readonly context: string | undefined;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The cluster comes up once, for the first tier that needs it, and stays for the others. Test processes inherit where it is. */
export function preparation({ root, files, context, say, signal }: Surroundings): Preparation {
  let cluster: Promise<TestCluster> | undefined;

  return {
    prepare: async ({ name, needs }) => {
      if (needs === 'nothing') return undefined;
      if (needsPulumi(root, name, files)) {
        // The other tests of the tier run all the same, and those without their tool count as skipped.
        const reason = await providePulumiTo(process.env, say, signal);
        if (reason !== undefined) say(`skipped: packages/pulumi (${reason})`);
      }
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
