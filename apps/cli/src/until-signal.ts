/** Resolves with the first of the signals. Until then they no longer end the process; afterwards they do again. */
export async function untilSignal(
  process: Pick<NodeJS.Process, 'once' | 'off'>,
  ...names: readonly NodeJS.Signals[]
): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const listeners = names.map((name) => ({ name, listener: () => settle(name) }));
    function settle(name: NodeJS.Signals): void {
      for (const { name: other, listener } of listeners) process.off(other, listener);
      resolve(name);
    }
    for (const { name, listener } of listeners) process.once(name, listener);
  });
}
