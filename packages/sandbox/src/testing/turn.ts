// As it was when this was loaded: a test that takes the timers into its own hands does not stop the machinery of the fake.
const { setImmediate: afterEvents } = globalThis;

/** Lets everything else have its turn: promises alone never give way to timers and sockets. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void afterEvents(resolve));
}
