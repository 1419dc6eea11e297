import { run } from './command.ts';
import { containerdSocket } from './config/containerd.ts';
import type { ClusterOptions } from './contract.ts';
import { ProgramsMissing } from './errors.ts';
import { layoutOf } from './layout.ts';
import { findProgram } from './programs.ts';
import { isAlive, readRecord } from './record.ts';
import { programOf, toolboxOf } from './toolbox.ts';

const timeoutMs = 30_000;

/**
 * Removes from the node what it has under these names with another digest, so that the next pod pulls what the registry has now: a
 * kubelet does not ask again for a tag that it has, and the node's images outlive the instance. An instance that is down is left alone.
 */
export async function forgetOtherImages(
  { cache, name, signal }: ClusterOptions,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const record = await readRecord(layoutOf(cache, name).record);
  if (record === undefined || !(await isAlive(record))) return;
  const enter = await findProgram('nsenter');
  if (enter === undefined) throw new ProgramsMissing({ programs: ['nsenter'] });
  const inside = ['-t', String(record.pid), '-m', '-n', '-p'];
  const images = [programOf(toolboxOf(cache), 'ctr'), '-a', containerdSocket, '-n', 'k8s.io', 'images'];
  const ctr = (...args: string[]): Promise<string> =>
    run(enter, [...inside, ...images, ...args], { timeoutMs, signal });
  const present = digestsByName(await ctr('list'));
  const others = Object.keys(wanted).filter((image) => present.has(image) && present.get(image) !== wanted[image]);
  if (others.length > 0) await ctr('remove', '--sync', ...others);
}

/** Reads the table that `ctr images list` prints: name, media type, digest, then more. Pure. */
export function digestsByName(table: string): ReadonlyMap<string, string> {
  const rows = table.split('\n').map((line) => line.split(/\s+/));
  return new Map(
    rows.flatMap(([name, , digest]) => (name && digest?.startsWith('sha256:') ? [[name, digest] as const] : [])),
  );
}
