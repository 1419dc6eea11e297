export interface ReadEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What comes over a `text/event-stream`, as it comes. */
export interface ReadEvents {
  readonly events: readonly ReadEvent[];
  /** How many comments have come: a stream that has nothing to say shows so that it lives. */
  comments(): number;
  /** Settles when the stream has ended, or was left. */
  readonly ended: Promise<void>;
  leave(): void;
}

export function readEvents(response: Response): ReadEvents {
  const events: ReadEvent[] = [];
  let comments = 0;
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const left = Promise.withResolvers<void>();
  async function read(): Promise<void> {
    let rest = '';
    for (;;) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return;
      const blocks = (rest + chunk.value).split('\n\n');
      rest = blocks.pop() ?? '';
      comments += blocks.filter((block) => block.startsWith(':')).length;
      events.push(...blocks.flatMap(eventOf));
    }
  }
  return {
    events,
    comments: () => comments,
    ended: Promise.race([read(), left.promise]),
    leave: () => {
      void reader?.cancel().catch(() => {});
      left.resolve();
    },
  };
}

function eventOf(block: string): ReadEvent[] {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  const event = fields.get('event');
  if (event === undefined) return [];
  return [{ event, id: fields.get('id'), data: JSON.parse(fields.get('data') ?? '') as ReadEvent['data'] }];
}
