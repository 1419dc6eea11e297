import { kubeErrors } from '@ephemera/kube';
import { EphemeraError, messageOf } from '@ephemera/model';

export interface WatchTroubleOptions {
  /** Called when trying again is in vain. */
  readonly fail: (error: unknown) => void;
  readonly warn: (message: string) => void;
  /** Milliseconds of a clock that never jumps. Default: that of the process. */
  readonly now?: () => number;
}

/** As `Cluster.watch` takes them. */
export interface WatchTrouble {
  onError(error: unknown): void;
  onAlive(): void;
}

/** What waiting does not heal is tried so often, as a balancer may have asked a server that is not ready. */
const refusalsBorne = 3;
const repeatMs = 60_000;

/** What the failures of one watch, which begins anew by itself, mean for who follows: a warning now and then, with its duration, or the end. */
export function watchTrouble({ fail, warn, now = () => performance.now() }: WatchTroubleOptions): WatchTrouble {
  let refusals = 0;
  let since: number | undefined;
  let told: { readonly message: string; readonly at: number } | undefined;
  return {
    onError: (error) => {
      refusals = error instanceof EphemeraError && !error.retryable ? refusals + 1 : 0;
      // Nobody gets a right by waiting.
      if (error instanceof kubeErrors.Forbidden || refusals >= refusalsBorne) return fail(error);
      const at = now();
      since ??= at;
      const message = messageOf(error);
      if (told?.message === message && at - told.at < repeatMs) return;
      told = { message, at };
      const minutes = Math.floor((at - since) / 60_000);
      warn(minutes === 0 ? message : `${message} (for ${minutes} min now)`);
    },
    onAlive: () => {
      refusals = 0;
      since = undefined;
    },
  };
}
