/** Deliveries that wait until another one about the same thing is through. */
export interface Holding {
  /** Resolves when released; rejects when given up. `number` grows from delivery to delivery. */
  readonly hold: (subject: string, number: number) => Promise<void>;
  readonly holds: (subject: string) => boolean;
  /** Lets go of what was held before the delivery of that number: an earlier one that ends late is not the next. */
  readonly release: (subject: string, number: number) => void;
  readonly releaseAll: () => void;
  readonly giveUp: (reason: Error) => void;
}

interface Held {
  readonly number: number;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

export function createHolding(): Holding {
  const held = new Map<string, Held>();

  function end(subject: string, how: (one: Held) => void): void {
    const one = held.get(subject);
    held.delete(subject);
    if (one) how(one);
  }

  return {
    hold: (subject, number) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      held.set(subject, { number, resolve, reject });
      return promise;
    },
    holds: (subject) => held.has(subject),
    release: (subject, number) => {
      if ((held.get(subject)?.number ?? Infinity) < number) end(subject, ({ resolve }) => resolve());
    },
    releaseAll: () => [...held.keys()].forEach((subject) => end(subject, ({ resolve }) => resolve())),
    giveUp: (reason) => [...held.keys()].forEach((subject) => end(subject, ({ reject }) => reject(reason))),
  };
}
