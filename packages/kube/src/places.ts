/** A number of things that may be open at the same time, and what ends each of them. */
export interface Places {
  readonly most: number;
  /** `full` when all are taken, `closed` when everything was ended. */
  take(end: () => void): Place | 'full' | 'closed';
  /** Ends what is open; nothing is opened afterwards. */
  close(): void;
}

export interface Place {
  /** Gives it back. A second time changes nothing. */
  leave(): void;
}

export function createPlaces(most: number): Places {
  const taken = new Set<{ readonly end: () => void }>();
  let closed = false;
  return {
    most,
    take: (end) => {
      if (closed) return 'closed';
      if (taken.size >= most) return 'full';
      const own = { end };
      taken.add(own);
      return { leave: () => void taken.delete(own) };
    },
    close: () => {
      closed = true;
      for (const { end } of taken) end();
      taken.clear();
    },
  };
}
