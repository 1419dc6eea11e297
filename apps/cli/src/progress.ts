import type { ProgressEvent } from '@ephemera/local-cluster';

/** Prints the steps of something long: when each begins, and how long it took. Quick ones can be left out. */
export function progressPrinter(
  out: NodeJS.WritableStream,
  { quietBelowMs = 0 }: { quietBelowMs?: number } = {},
): (event: ProgressEvent) => void {
  const pending = new Map<string, NodeJS.Timeout>();
  return ({ step, state, ms, detail }) => {
    const more = detail === undefined ? '' : ` (${detail})`;
    if (state === 'started') {
      // Said only once it turns out to take its time; a process that ends does not wait for it.
      pending.set(step, setTimeout(() => out.write(`  … ${step}${more}\n`), quietBelowMs).unref());
      return;
    }
    clearTimeout(pending.get(step));
    pending.delete(step);
    if (state === 'failed' || (ms ?? 0) >= quietBelowMs) {
      out.write(`  ${state === 'done' ? '✔' : '✘'} ${step}${more}${ms === undefined ? '' : ` ${seconds(ms)}`}\n`);
    }
  };
}

export function seconds(ms: number): string {
  return ms >= 60_000
    ? `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
    : `${(ms / 1000).toFixed(1)} s`;
}
