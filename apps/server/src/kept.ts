/**
 * An answer that is good for `keepMs` after it came. What hangs is not begun again beside itself: whoever asks in the meantime waits for
 * the same run, so that asking cannot use up connections. A failure goes to those who waited for it, and is not kept.
 */
export function kept<Answer>(run: () => Promise<Answer>, keepMs: number): () => Promise<Answer> {
  let running: Promise<Answer> | undefined;
  let last: { readonly answer: Answer; readonly at: number } | undefined;
  const begin = async () => {
    try {
      const answer = await run();
      last = { answer, at: performance.now() };
      return answer;
    } finally {
      running = undefined;
    }
  };
  return async () => {
    if (last && performance.now() - last.at < keepMs) return last.answer;
    running ??= begin();
    return running;
  };
}
