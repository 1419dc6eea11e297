/**
 * Does `work` for every item, so many at once. The first that fails ends all: the others' signal is aborted, and the error is thrown
 * when none of them runs any longer, so that nothing goes on behind the caller's back.
 */
export async function inLanes<Item>(
  items: Iterable<Item>,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
  options: { readonly lanes: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const failed = new AbortController();
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  const queue = items[Symbol.iterator]();
  let first: { readonly error: unknown } | undefined;
  const lane = async () => {
    try {
      for (let next = queue.next(); next.done !== true; next = queue.next()) {
        signal.throwIfAborted();
        await work(next.value, signal);
      }
    } catch (error) {
      first ??= { error };
      failed.abort(error);
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, lane));
  if (first !== undefined) throw first.error;
}
