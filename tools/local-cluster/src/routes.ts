import { readFile } from 'node:fs/promises';
import { AddressesTaken } from './errors.ts';

export interface Route {
  readonly device: string;
  readonly network: number;
  readonly prefix: number;
}

/** Routes this wide are "everything else" of a default route or a VPN, not somebody's network. */
const narrowest = 4;

/** Refuses to start where the machine already sends the block's addresses somewhere else. */
export async function requireFreeBlock(block: string): Promise<void> {
  const taken = overlapping(parseRoutes(await readFile('/proc/net/route', 'utf8')), block);
  if (taken !== undefined) throw new AddressesTaken({ block, route: format(taken), device: taken.device });
}

export function overlapping(routes: readonly Route[], block: string): Route | undefined {
  const [address = '', length = '16'] = block.split('/');
  const start = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return routes.find(({ network, prefix }) => {
    if (prefix < narrowest) return false;
    const shift = 2 ** (32 - Math.min(prefix, Number(length)));
    return Math.floor(start / shift) === Math.floor(network / shift);
  });
}

/** The kernel's table: hexadecimal, in the machine's byte order, which is little-endian wherever this runs. */
export function parseRoutes(table: string): Route[] {
  return table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .map((fields) => ({
      device: fields[0] ?? '',
      network: swapBytes(fields[1] ?? ''),
      prefix: swapBytes(fields[7] ?? '')
        .toString(2)
        .replaceAll('0', '').length,
    }));
}

function swapBytes(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE();
}

function format({ network, prefix }: Route): string {
  return `${[24, 16, 8, 0].map((shift) => (network >>> shift) & 255).join('.')}/${prefix}`;
}
