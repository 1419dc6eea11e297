import { BlockList, isIP } from 'node:net';

/** Whether a text is an address range such as `10.0.0.0/8` or `2001:db8::/32`. Pure. */
export function isRange(text: string): boolean {
  return partsOf(text) !== undefined;
}

/** Whether all of one range lies in one of these. What is no range lies in none. Pure. */
export function liesIn(range: string, allowed: readonly string[]): boolean {
  const inner = partsOf(range);
  if (!inner) return false;
  return allowed.some((one) => {
    const outer = partsOf(one);
    if (!outer || outer.family !== inner.family || outer.prefix > inner.prefix) return false;
    const list = new BlockList();
    list.addSubnet(outer.address, outer.prefix, outer.family);
    return list.check(inner.address, inner.family);
  });
}

interface Parts {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function partsOf(text: string): Parts | undefined {
  const [, address = '', digits = ''] = /^([\d.a-f:]+)\/(\d{1,3})$/i.exec(text) ?? [];
  const version = isIP(address);
  const prefix = Number(digits);
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
