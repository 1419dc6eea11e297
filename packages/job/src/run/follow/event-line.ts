/** Hands events to one receiver, one after the other and in order; a receiver that takes its time holds back whoever waits for it. */
export interface EventLine<Event> {
  /** Settles when the receiver has taken the event; never rejects. */
  deliver(event: Event): Promise<void>;
  /** Settles when all events so far are taken. */
  taken(): Promise<void>;
  /** The receiver gets nothing more, also of what was delivered already. */
  close(): void;
}

/** `onFailure` is called once, with what the receiver threw; it then gets no more events. */
export function eventLine<Event>(
  receive: (event: Event) => void | Promise<void>,
  onFailure: (error: unknown) => void,
): EventLine<Event> {
  let last = Promise.resolve();
  let closed = false;
  const take = async (event: Event): Promise<void> => {
    if (closed) return;
    try {
      await receive(event);
    } catch (error) {
      closed = true;
      onFailure(error);
    }
  };
  return {
    deliver: (event) => {
      last = last.then(() => take(event));
      return last;
    },
    taken: () => last,
    close: () => {
      closed = true;
    },
  };
}
