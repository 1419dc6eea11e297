import { dnsSubdomain } from '../checks/names.ts';
import type { Finding, Path } from '../finding.ts';
import type { LooseSpec } from '../manifest-schema.ts';
import { pathText } from '../show.ts';

interface Place {
  /** Where the key is written. */
  readonly path: Path;
  readonly fix: string;
  readonly ours: LooseSpec['configMaps'];
}

/** A ConfigMap of spec.configMaps has one key, its own name: a pod that asks for another would wait for ever. */
export function keyOfOurs(
  { name, key }: { readonly name?: string | undefined; readonly key?: string | undefined },
  { path, fix, ours }: Place,
): Finding[] {
  if (name === undefined || key === undefined || key === name || !Object.hasOwn(ours ?? {}, name)) return [];
  // The fix has the name in it, and one that is refused itself may hold anything.
  if (dnsSubdomain(name) !== undefined) return [];
  const from = pathText(['spec', 'configMaps', name]);
  return [{ path, problem: `is not in the ConfigMap, which comes from ${from} and has one key of that name`, fix }];
}
