/** A part of the rules with a name, evaluated once and only where it is needed. */
export interface CelVariable {
  readonly name: string;
  readonly expression: string;
}

export interface GuardRule {
  /** CEL; true means allowed. */
  readonly expression: string;
  readonly message: string;
}

/** CEL for: each item of the list, called `item`, is so. */
export function all(list: string, item: string, holds: string): string {
  return `${list}.all(${item}, ${holds})`;
}

/** CEL for: the list, where there is one, has no items. */
export function none(list: string): string {
  return `size(${list}.orValue([])) == 0`;
}
