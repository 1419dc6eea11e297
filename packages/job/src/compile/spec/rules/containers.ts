import { jobContainerName } from '../../kubernetes-job/names.ts';
import { dnsLabel } from '../checks/names.ts';
import type { Finding, Path } from '../finding.ts';
import type { LooseSpec } from '../manifest-schema.ts';

const mostNamed = 20;

/** The finding for the name of a container that the job does not have. `unnamed`: what it means to leave the name out. */
export function unknownContainer(
  name: string | undefined,
  { initContainers }: Pick<LooseSpec, 'initContainers'>,
  { path, unnamed }: { readonly path: Path; readonly unnamed: string },
): Finding[] {
  const containers = [jobContainerName, ...(initContainers ?? []).flatMap((container) => container?.name ?? [])];
  if (name === undefined || containers.includes(name)) return [];
  // A name that is refused itself may hold anything, and is not repeated.
  const legal = containers.filter((container) => dnsLabel(container) === undefined).slice(0, mostNamed);
  const fix = `Write one of: ${legal.join(', ')}; or leave it out for ${unnamed}.`;
  return [{ path, problem: 'is no container of the job', fix }];
}
