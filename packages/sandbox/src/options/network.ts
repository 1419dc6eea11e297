import type { CheckedOptions, CheckedRange } from './checked-options.ts';
import { checkKeys, isRecord, shown, type Findings } from './findings.ts';
import { isWithin, rangeOf } from './range.ts';

/**
 * Where clouds tell a machine who it is and hand out its credentials, and all addresses of one link, which are the node's own:
 * never reachable from a sandbox, whatever is allowed. Besides the addresses of the big clouds, those that IPv6 gateways map them to. Those
 * mapped within a machine (::ffff:0:0/96) are no ranges for the API server, which refuses them everywhere.
 */
const ofVersion4: readonly string[] = ['169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32'];
const ofVersion6: readonly string[] = ['fd00:ec2::/32', 'fd20:ce::254/128', 'fe80::/10'];
export const neverReachable: readonly string[] = [...ofVersion4, ...ofVersion6, ...ofVersion4.map(throughGateway)];

/** The addresses of version 6 that a gateway leads to these by (RFC 6052). */
function throughGateway(text: string): string {
  const [address = '', bits = ''] = text.split('/');
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const groups = [a * 256 + b, c * 256 + d].map((group) => group.toString(16));
  return `64:ff9b::${groups.join(':')}/${96 + Number(bits)}`;
}

/** What of `neverReachable` lies in a range that is allowed. */
export function metadataWithin(cidr: string): readonly string[] {
  const outer = rangeOf(cidr);
  if (outer === undefined) return [];
  return neverReachable.filter((text) => {
    const inner = rangeOf(text);
    return inner !== undefined && isWithin(inner, outer);
  });
}

export function checkNetwork(found: Findings, value: unknown): CheckedOptions['network'] {
  if (value === undefined) return { dns: false, allow: [] };
  if (!isRecord(value)) {
    found.add('network', `is ${shown(value)}`, 'give dns and allow.');
    return { dns: false, allow: [] };
  }
  checkKeys(found, 'network', value, ['dns', 'allow']);
  const { dns = false, allow = [] } = value;
  if (typeof dns !== 'boolean') found.add('network.dns', `is ${shown(dns)}`, 'use true or false.');
  if (!Array.isArray(allow)) found.add('network.allow', `is ${shown(allow)}`, 'give a list of ranges.');
  const ranges: readonly unknown[] = Array.isArray(allow) ? allow : [];
  return {
    dns: dns === true,
    allow: ranges.map((range, place) => checkRange(found, `network.allow[${place}]`, range)),
  };
}

function checkRange(found: Findings, path: string, value: unknown): CheckedRange {
  if (isRecord(value)) checkKeys(found, path, value, ['cidr', 'except', 'ports']);
  const { cidr, except = [], ports = [] } = isRecord(value) ? value : {};
  const outer = typeof cidr === 'string' ? rangeOf(cidr) : undefined;
  if (outer === undefined || typeof cidr !== 'string') {
    found.add(`${path}.cidr`, `is ${shown(cidr)}`, 'write a range, for example 10.0.0.0/8 or 2001:db8::/32.');
    return { cidr: '', except: [], ports: [] };
  }
  const forbidden = neverReachable.map(rangeOf).find((range) => range !== undefined && isWithin(outer, range));
  if (forbidden !== undefined) {
    found.add(`${path}.cidr`, `is ${cidr}, where a cloud keeps the credentials of its machines`, 'leave it out.');
  }
  const holes: readonly unknown[] = Array.isArray(except) ? except : [except];
  for (const hole of holes) {
    const inner = typeof hole === 'string' ? rangeOf(hole) : undefined;
    if (inner === undefined || !isWithin(inner, outer) || inner.bits === outer.bits) {
      found.add(`${path}.except`, `has ${shown(hole)}`, `give ranges that are a part of ${cidr}.`);
    }
  }
  const numbers: readonly unknown[] = Array.isArray(ports) ? ports : [ports];
  for (const port of numbers) {
    if (!Number.isInteger(port) || Number(port) < 1 || Number(port) > 65_535) {
      found.add(`${path}.ports`, `has ${shown(port)}`, 'give ports, 1 to 65535.');
    }
  }
  return { cidr, except: holes.map(String), ports: numbers.map(Number) };
}
