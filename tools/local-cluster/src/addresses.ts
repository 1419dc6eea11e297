import { BlockInvalid } from './errors.ts';

/**
 * The addresses of one instance, all out of one /16 block, so that the machine needs a single route and one setting
 * moves everything: pods at the bottom, services in the middle, the cable to the machine at the top.
 */
export interface Addresses {
  readonly block: string;
  readonly pods: string;
  readonly nodePods: string;
  readonly services: string;
  /** The first service address belongs to the `kubernetes` service. */
  readonly apiService: string;
  readonly dns: string;
  readonly host: string;
  readonly node: string;
  readonly cablePrefix: number;
  /** Where the API server answers on the machine's loopback, if the port is free. */
  readonly loopbackPort: number;
}

export const apiServerPort = 6443;
export const registryPort = 5000;

const firstBlock = 244;
const firstLoopbackPort = 16_443;
/** Blocks count down from 10.244 and end well above the networks that people usually number by hand. */
export const mostInstances = 48;

export function addressesOf(number: number, block = `10.${firstBlock - number}.0.0/16`): Addresses {
  const prefix = /^(\d{1,3})\.(\d{1,3})\.0\.0\/16$/.exec(block);
  const [first, second] = [Number(prefix?.[1]), Number(prefix?.[2])];
  const isPrivate = first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168);
  if (prefix === null || !isPrivate || second > 255) throw new BlockInvalid({ block });
  const at = (rest: string): string => `${first}.${second}.${rest}`;
  return {
    block,
    pods: at('0.0/18'),
    nodePods: at('0.0/24'),
    services: at('128.0/18'),
    apiService: at('128.1'),
    dns: at('128.10'),
    host: at('255.1'),
    node: at('255.2'),
    cablePrefix: 30,
    loopbackPort: firstLoopbackPort + number,
  };
}
