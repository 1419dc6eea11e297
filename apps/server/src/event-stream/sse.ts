/** Server-Sent Events as text: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export interface SentEvent {
  /** One word of ours. */
  readonly event: string;
  readonly data: object;
  /** Where a reader that comes back goes on; events without one do not change that. */
  readonly id?: string | undefined;
}

/** JSON escapes the control characters below the blank; those above it would still reach a terminal. */
const control = /[\u007f-\u009f\u2028\u2029]/g;

/** Pure. */
export function eventText({ event, data, id }: SentEvent): string {
  const json = JSON.stringify(data).replaceAll(
    control,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${json}\n\n`;
}

/** A line that readers skip: it shows both sides, and whatever is between them, that the connection lives. */
export const heartbeatText = ': still here\n\n';
