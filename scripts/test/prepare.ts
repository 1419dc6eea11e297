import { bringUp, CannotRun, NAME, type TestCluster } from './cluster.ts';
import { neededImages, provideImagesTo, type TestImages } from './images.ts';
import type { Lacking } from './lacking.ts';
import { needsMusl, provideMusl } from './musl.ts';
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
  /** How many of them could not be made. */
  const provideImages = async (wanted: readonly TestImages[], up: TestCluster | undefined): Promise<number> => {
    const place = { cluster: up?.environment, clusterName: NAME, say, signal };
    let failed = 0;
    for (const images of wanted) {
      failed += without(`tests with ${images.prefix}`, await provideImagesTo(process.env, images, place));
    }
    return failed;
  };

  return {
    prepare: async ({ name, needs }) => {
      const compilers = needsMusl(root, name, files)
        ? without('tests of sandboxes', await provideMusl(say, signal))
        : 0;
      if (needs === 'nothing') return { failed: compilers };
      const images = neededImages(root, name, files);
      const pulumi = needsPulumi(root, name, files)
        ? without('packages/pulumi', await providePulumiTo(process.env, say, signal))
        : 0;
      const failed = compilers + pulumi;
      if (context !== undefined) {
        process.env.EPHEMERA_TEST_CONTEXT = context;
        return { failed: failed + (await provideImages(images, undefined)) };
      }
      try {
        cluster ??= bringUp(say, signal);
        const up = await cluster;
        for (const [name, value] of Object.entries(up.environment)) if (value !== null) process.env[name] = value;
        return { failed: failed + (await provideImages(images, up)) };
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
