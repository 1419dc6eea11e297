import { setTimeout as wait } from 'node:timers/promises';
import { EphemeraError, messageOf } from '@ephemera/model';
import { AppNotFetched } from './errors.ts';

export interface NewApp {
  /** As it was proposed to GitHub. */
  readonly name: string;
  /** Where its owner can delete it. */
  readonly page: string;
}

/** Milliseconds before each further try: GitHub takes the code for an hour, and the person sits before a page that loads. */
const pausesMs: readonly number[] = [1_000, 3_000, 10_000, 30_000];

/**
 * Fetches the credentials of an App that exists on GitHub by now. What may pass is tried again; in the end, and when `signal` aborts, it
 * says which App is left behind: throws `setup.app_not_fetched`, or the reason of `signal` after `tell`.
 */
export async function fetchApp<App>(
  fetchOnce: () => Promise<App>,
  { name, page }: NewApp,
  { signal, tell, pauses = pausesMs }: FetchOptions,
): Promise<App> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetchOnce();
    } catch (error) {
      const failure = new AppNotFetched({ name, page, problem: messageOf(error) }, { cause: error });
      const pauseMs = error instanceof EphemeraError && error.retryable ? pauses[tries] : undefined;
      if (pauseMs !== undefined && !signal.aborted) {
        tell(`${messageOf(error)} It is tried again.`);
        await wait(pauseMs, undefined, { signal }).catch(() => {});
      }
      if (signal.aborted) {
        tell(`The App ${name} is left on GitHub. ${failure.hint ?? ''}`);
        throw signal.reason;
      }
      if (pauseMs === undefined) throw failure;
    }
  }
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** Takes a line for the person. */
  readonly tell: (line: string) => void;
  /** Default: four further tries within 44 s. */
  readonly pauses?: readonly number[];
}
