import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** Runs it and, with a folder, writes a processor profile of this process to `{name}.cpuprofile` in it. */
export async function profiled<Value>(
  folder: string | undefined,
  name: string,
  run: () => Promise<Value>,
): Promise<Value> {
  if (folder === undefined) return run();
  mkdirSync(folder, { recursive: true });
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    const value = await run();
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(join(folder, `${name}.cpuprofile`), JSON.stringify(profile));
    return value;
  } finally {
    session.disconnect();
  }
}
