import { isIP } from 'node:net';

/** An address range: its first address and how many bits of it count. */
export interface AddressRange {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly bits: number;
}

const widths = { 4: 32, 6: 128 } as const;

/** `10.0.0.0/8`, `2001:db8::/32`. Undefined: no range, or one whose address has bits beyond its length, which the API server refuses. */
export function rangeOf(text: string): AddressRange | undefined {
  const match = /^([0-9A-Fa-f:.]+)\/(\d{1,3})$/.exec(text);
  const [, address = '', length = ''] = match ?? [];
  const version = isIP(address);
  if (version !== 4 && version !== 6) return undefined;
  const bits = Number(length);
  if (bits > widths[version] || String(bits) !== length) return undefined;
  const first = version === 4 ? ofVersion4(address) : ofVersion6(address);
  const rest = BigInt(widths[version] - bits);
  return (first >> rest) << rest === first ? { version, first, bits } : undefined;
}

/** Whether all addresses of `inner` are in `outer`. */
export function isWithin(inner: AddressRange, outer: AddressRange): boolean {
  if (inner.version !== outer.version || inner.bits < outer.bits) return false;
  const rest = BigInt(widths[outer.version] - outer.bits);
  return inner.first >> rest === outer.first >> rest;
}

function ofVersion4(address: string): bigint {
  return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
}

function ofVersion6(address: string): bigint {
  const groups = (part: string) => (part === '' ? [] : part.split(':').flatMap(groupsOf));
  const [before = '', after] = address.split('::');
  const head = groups(before);
  const tail = after === undefined ? [] : groups(after);
  const middle = Array<bigint>(8 - head.length - tail.length).fill(0n);
  return [...head, ...middle, ...tail].reduce((sum, group) => (sum << 16n) + group, 0n);
}

/** One group, or the two that an address of version 4 at the end stands for. */
function groupsOf(text: string): readonly bigint[] {
  if (!text.includes('.')) return [BigInt(`0x${text}`)];
  const address = ofVersion4(text);
  return [address >> 16n, address & 0xffffn];
}
