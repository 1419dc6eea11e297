export interface AnswersOptions<Answer> {
  /** The one that was used longest ago makes room for a further one. */
  readonly most: number;
  readonly keepMs: (answer: Answer) => number;
  /** In milliseconds, never backwards. Default: this process's. */
  readonly now?: () => number;
}

/**
 * Answers that are good for a while, each under its key. Who asks for one that is under way waits for the same. A failure goes to those who
 * waited for it, and is not kept.
 */
export function createAnswers<Answer>({ most, keepMs, now = () => performance.now() }: AnswersOptions<Answer>) {
  const kept = new Map<string, { readonly answer: Answer; readonly until: number }>();
  const running = new Map<string, Promise<Answer>>();

  const begin = async (key: string, ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await ask();
      kept.delete(key);
      kept.set(key, { answer, until: now() + keepMs(answer) });
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      return answer;
    } finally {
      running.delete(key);
    }
  };

  return async (key: string, ask: () => Promise<Answer>): Promise<Answer> => {
    const last = kept.get(key);
    if (last && last.until > now()) {
      kept.delete(key);
      kept.set(key, last);
      return last.answer;
    }
    const under = running.get(key) ?? begin(key, ask);
    running.set(key, under);
    return under;
  };
}
