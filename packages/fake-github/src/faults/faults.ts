import { type DeliverySeen, matchesDelivery, matchesRequest, type RequestSeen } from './match.ts';
import type { Effects, FaultInput } from './input.ts';

/** A fault and how often it struck. */
export type FaultView = FaultInput & { readonly struck: number };

/** The faults that are in force. The first that fits strikes; one that struck `times` times is over. */
export interface Faults {
  /** Replaces all. */
  readonly set: (list: readonly FaultInput[]) => void;
  readonly list: () => FaultView[];
  readonly onRequest: (seen: RequestSeen) => Effects | undefined;
  /** A delivery is held back only if none of its kin is: else both would wait for ever. */
  readonly onDelivery: (seen: DeliverySeen, options: { readonly holdsKin: boolean }) => Effects | undefined;
  /** Calls back when faults are replaced or cleared. */
  readonly whenSet: (callback: () => void) => void;
}

export function createFaults(): Faults {
  let faults: (FaultInput & { struck: number })[] = [];
  const callbacks: (() => void)[] = [];

  function strike(fits: (fault: FaultInput) => boolean): Effects | undefined {
    const found = faults.find((fault) => fault.struck < (fault.times ?? Infinity) && fits(fault));
    if (found === undefined) return undefined;
    found.struck += 1;
    return found.fault;
  }

  return {
    set: (list) => {
      faults = list.map((fault) => ({ ...fault, struck: 0 }));
      for (const callback of callbacks) callback();
    },
    list: () => faults.map((fault) => ({ ...fault })),
    onRequest: (seen) => strike(({ match }) => matchesRequest(match, seen)),
    onDelivery: (seen, { holdsKin }) =>
      strike(({ match, fault }) => matchesDelivery(match, seen) && !(fault.reorder && holdsKin)),
    whenSet: (callback) => {
      callbacks.push(callback);
    },
  };
}
