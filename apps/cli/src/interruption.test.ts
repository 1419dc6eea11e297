import { expect, test } from 'vitest';
import { outputClosed, takeSignals } from './interruption.ts';

test('closed output interrupts; a socket that somebody else closed does not', () => {
  using interruption = takeSignals(process);
  // With a listener, Node tells of every socket that is written to after its end.
  expect(process.listenerCount('SIGPIPE')).toBe(0);
  expect(interruption.signal.aborted).toBe(false);
  process.emit(outputClosed);
  expect(interruption.signal.reason).toMatchObject({ code: 'cli.output_closed' });
});
