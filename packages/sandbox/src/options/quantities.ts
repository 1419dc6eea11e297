import { quantityOf } from '@ephemera/job/compile';
import { checkKeys, isRecord, shown, type Findings } from './findings.ts';
import type { CheckedOptions, CheckedResources } from './checked-options.ts';

type Name = keyof CheckedResources;

const names: readonly Name[] = ['cpu', 'memory', 'ephemeralStorage'];
const defaultLimits: CheckedResources = { cpu: '1000m', memory: '2Gi', ephemeralStorage: '4Gi' };
const defaultRequests: CheckedResources = { cpu: '250m', memory: '512Mi', ephemeralStorage: '1Gi' };
const defaultDisk = '2Gi';
/** `quantityOf` counts 10⁻³⁰ units. */
const one = 10n ** 30n;
const mebibyte = 1024 * 1024;

type Sizes = Pick<CheckedOptions, 'resources' | 'disk' | 'keep'>;

/** What it may use and what is asked for it, and how much of that is for its files and for what its commands write. */
export function checkSizes(found: Findings, resources: unknown, disk: unknown): Sizes {
  const given = isRecord(resources) ? resources : {};
  if (resources !== undefined && !isRecord(resources)) {
    found.add('resources', `is ${shown(resources)}`, 'give limits and requests.');
  }
  checkKeys(found, 'resources', given, ['limits', 'requests']);
  const asked = read(found, 'resources.limits', given['limits']);
  const wantedDisk = readDisk(found, disk);
  const limits: CheckedResources = {
    ...defaultLimits,
    ...(wantedDisk.medium === 'disk' && wantedDisk.size !== undefined && { ephemeralStorage: beside(wantedDisk.size) }),
    ...asked,
  };
  const askedRequests = read(found, 'resources.requests', given['requests']);
  for (const name of names) {
    const request = askedRequests[name];
    if (request !== undefined && above(request, limits[name])) {
      const path = `resources.requests.${name}`;
      found.add(path, `is ${request}, more than the limit of ${limits[name]}`, 'ask for less, or raise the limit.');
    }
  }
  const requests = Object.fromEntries(
    names.map((name) => [name, askedRequests[name] ?? lesser(defaultRequests[name], limits[name])]),
  ) as unknown as CheckedResources;
  const room = wantedDisk.medium === 'memory' ? limits.memory : limits.ephemeralStorage;
  const size = wantedDisk.size ?? (wantedDisk.medium === 'memory' ? room : lesser(defaultDisk, room));
  if (above(size, room)) {
    const of = wantedDisk.medium === 'memory' ? 'memory' : 'ephemeralStorage';
    found.add(
      'disk.size',
      `is ${size}, more than the limit of ${room}`,
      `raise resources.limits.${of}, or ask for less.`,
    );
  }
  return { resources: { limits, requests }, disk: { size, medium: wantedDisk.medium }, keep: keptOf(limits) };
}

/** What commands write lies on the node's disk and counts there: a small limit must not be used up by it. */
function keptOf({ ephemeralStorage }: CheckedResources): CheckedOptions['keep'] {
  const ofAll = Math.min(512 * mebibyte, Math.floor(Number((quantityOf(ephemeralStorage) ?? 0n) / one) / 4));
  return { ofAll, ofStream: Math.min(64 * mebibyte, Math.floor(ofAll / 2)) };
}

function readDisk(found: Findings, value: unknown): { size: string | undefined; medium: 'disk' | 'memory' } {
  if (value === undefined) return { size: undefined, medium: 'disk' };
  if (!isRecord(value)) {
    found.add('disk', `is ${shown(value)}`, 'give size and medium.');
    return { size: undefined, medium: 'disk' };
  }
  checkKeys(found, 'disk', value, ['size', 'medium']);
  const { size, medium = 'disk' } = value;
  if (medium !== 'disk' && medium !== 'memory') found.add('disk.medium', `is ${shown(medium)}`, 'use disk or memory.');
  return {
    size: size === undefined || !isQuantity(found, 'disk.size', size) ? undefined : size,
    medium: medium === 'memory' ? 'memory' : 'disk',
  };
}

function read(found: Findings, path: string, value: unknown): Partial<Record<Name, string>> {
  if (value === undefined) return {};
  if (!isRecord(value)) {
    found.add(path, `is ${shown(value)}`, `give ${names.join(', ')}.`);
    return {};
  }
  checkKeys(found, path, value, names);
  const checked: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const quantity = value[name];
    if (quantity !== undefined && isQuantity(found, `${path}.${name}`, quantity)) checked[name] = quantity;
  }
  return checked;
}

function isQuantity(found: Findings, path: string, value: unknown): value is string {
  if (typeof value === 'string' && (quantityOf(value) ?? 0n) > 0n) return true;
  found.add(path, `is ${shown(value)}`, 'write it as Kubernetes does, for example 500m, 256Mi or 2Gi.');
  return false;
}

function above(quantity: string, limit: string): boolean {
  return (quantityOf(quantity) ?? 0n) > (quantityOf(limit) ?? 0n);
}

function lesser(quantity: string, limit: string): string {
  return above(quantity, limit) ? limit : quantity;
}

/** The limit that a disk of this size leaves room in: for what commands write, and for the log. Never less than the default. */
function beside(size: string): string {
  const bytes = (quantityOf(size) ?? 0n) / one + 2n * 1024n ** 3n;
  const wanted = String(bytes);
  return above(wanted, defaultLimits.ephemeralStorage) ? wanted : defaultLimits.ephemeralStorage;
}
