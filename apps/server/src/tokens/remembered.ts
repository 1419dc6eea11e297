import { createHash } from 'node:crypto';
import { EphemeraError } from '@ephemera/model';
import { within } from '../within.ts';
import type { Caller } from './caller.ts';

/** For how long a token counts as good after the database said so last. One that expires or is revoked meanwhile is good for as long. */
const rememberMs = 5 * 60_000;
/** Whoever scrapes has one token; a few generations of it are enough. */
const mostRemembered = 20;
/** A scrape waits ten seconds in all. */
const databaseMs = 2_000;

/**
 * Asks whether a token is good, and answers from memory while the database does not say: only that way can `/metrics` show that the
 * database is away. What the database refuses is refused, and forgotten. Nothing of a token is kept but a hash.
 */
export function createRemembered(
  now: () => number = () => performance.now(),
): (header: string | undefined, check: () => Promise<Caller>) => Promise<Caller> {
  const good = new Map<string, { readonly caller: Caller; readonly until: number }>();
  return async (header, check) => {
    const key = createHash('sha256')
      .update(header ?? '')
      .digest('base64');
    const known = good.get(key);
    const usable = known !== undefined && known.until > now() ? known.caller : undefined;
    try {
      const asked = check();
      const caller = await (usable ? within(asked, databaseMs, () => new Error('the database is silent')) : asked);
      // It ends within minutes, which memory would not notice.
      if (caller.once) return caller;
      good.delete(key);
      good.set(key, { caller, until: now() + rememberMs });
      const [oldest] = good.keys();
      if (good.size > mostRemembered && oldest !== undefined) good.delete(oldest);
      return caller;
    } catch (error) {
      if (!(error instanceof EphemeraError) && usable) return usable;
      if (error instanceof EphemeraError) good.delete(key);
      throw error;
    }
  };
}
