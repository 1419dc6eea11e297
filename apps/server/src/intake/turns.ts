/**
 * Lets so much work run at once, the rest in the order in which it came. A deadline of the work then begins with its turn, so that a burst
 * is not mistaken for a database that is silent. When a work ends with an error for which `endsAll` is true, what waits ends with it:
 * the same would happen to each, one after the other.
 */
export function createTurns(atOnce: number, endsAll: (error: unknown) => boolean) {
  const waiting: PromiseWithResolvers<void>[] = [];
  let running = 0;
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= atOnce) {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn);
      // Whoever ends hands its place on.
      await turn.promise;
    } else {
      running += 1;
    }
    try {
      return await work();
    } catch (error) {
      if (endsAll(error)) for (const { reject } of waiting.splice(0)) reject(error);
      throw error;
    } finally {
      const next = waiting.shift();
      if (next) next.resolve();
      else running -= 1;
    }
  };
}
