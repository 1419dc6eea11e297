import { linesOf } from './lines.ts';

/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** The last that was given, here or before. */
  readonly id: string | undefined;
}

/** More is no line of a log, whose longest parts are 1 MiB, also where each character is written as an escape. */
const longestLine = 8 * 2 ** 20;

/**
 * The events of a response, as they come, by the rules of the HTML standard as far as a command needs them. `onLine` is called for
 * whatever comes, comments included. Throws what the connection throws, and an Error for a line that does not end.
 */
export async function* eventsOf(
  body: AsyncIterable<Uint8Array>,
  onLine: () => void = () => {},
): AsyncGenerator<StreamEvent, void, undefined> {
  let type = '';
  let data: string[] = [];
  let id: string | undefined;
  for await (const { text, continues } of linesOf(body, longestLine)) {
    if (continues) throw new Error('an event of the stream does not end');
    onLine();
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (line === '') {
      if (data.length > 0) yield { type: type || 'message', data: data.join('\n'), id };
      type = '';
      data = [];
      continue;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') type = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id') id = value;
  }
}
