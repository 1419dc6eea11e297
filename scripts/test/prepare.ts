import { needsBuildx, provideBuildxTo } from './buildx.ts';
import { bringUp, CannotRun, NAME, type TestCluster } from './cluster.ts';
import type { Lacking } from './lacking.ts';
import { needsPulumi, providePulumiTo } from './pulumi.ts';
import type { Tier } from './tiers.ts';

/** What has not become ready. */
export interface Prepared {
  /** Why the tier cannot run on this machine. */
  readonly cannot?: string;
  /** Parts of the tier whose tests cannot run because of a failure; each counts as one. The others run all the same. */
  readonly failed: number;
}

export interface Preparation {
  /** Makes ready what the tier needs. */
  prepare(tier: Tier): Promise<Prepared>;
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

  /** The other tests of the tier run all the same, and those without their tool count as skipped. */
  const without = (what: string, lacking: Lacking | undefined): number => {
    if (lacking !== undefined) say(`${lacking.outcome}: ${what} (${lacking.reason})`);
    return lacking?.outcome === 'failed' ? 1 : 0;
  };
  const buildx = async (up: TestCluster | undefined): Promise<number> => {
    const place = { cluster: up?.environment, clusterName: NAME, say, signal };
    return without('tests with buildx', await provideBuildxTo(process.env, place));
  };

  return {
    prepare: async ({ name, needs }) => {
      if (needs === 'nothing') return { failed: 0 };
      const withBuildx = needsBuildx(root, name, files);
      let failed = needsPulumi(root, name, files)
        ? without('packages/pulumi', await providePulumiTo(process.env, say, signal))
        : 0;
      if (context !== undefined) {
        process.env.EPHEMERA_TEST_CONTEXT = context;
        if (withBuildx) failed += await buildx(undefined);
        return { failed };
      }
      try {
        cluster ??= bringUp(say, signal);
        const up = await cluster;
        for (const [name, value] of Object.entries(up.environment)) if (value !== null) process.env[name] = value;
        if (withBuildx) failed += await buildx(up);
        return { failed };
      } catch (error) {
        if (error instanceof CannotRun) return { cannot: error.message, failed };
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
