import { compile, readManifest, type KubernetesJobManifest } from '@ephemera/job/compile';
import { benchJob } from './job.ts';

/** Milliseconds for all of them, per run. */
export interface Compiling {
  /** From a value in memory to objects. */
  readonly compile: readonly number[];
  /** From YAML to objects. */
  readonly fromText: readonly number[];
}

/** The first run warms up and does not count. */
const runs = 6;

/** Compiles as many different manifests as asked, several times. */
export function measureCompile(count: number): Compiling {
  const manifests = Array.from({ length: count }, (_, at) =>
    benchJob({ namespace: 'bench', name: `job-${at}`, round: 'r' }),
  );
  // JSON is YAML, and goes through the same parser.
  const texts = manifests.map((manifest) => JSON.stringify(manifest, null, 2));
  const read = (text: string) => readManifest(text, { source: 'bench' }) as KubernetesJobManifest;
  return {
    compile: times(() => manifests.map((manifest) => compile(manifest))),
    fromText: times(() => texts.map((text) => compile(read(text)))),
  };
}

function times(run: () => unknown): readonly number[] {
  return Array.from({ length: runs }, () => {
    const startedAt = performance.now();
    run();
    return performance.now() - startedAt;
  }).slice(1);
}
