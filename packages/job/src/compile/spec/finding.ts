/** The way to a value: keys and places in lists. */
export type Path = readonly (string | number)[];

/** What is wrong with a value, to be read after its path, and what to write instead. */
export interface Wrong {
  readonly problem: string;
  readonly fix: string;
}

/** A problem with its place, before the value is put beside it. */
export interface Finding extends Wrong {
  readonly path: Path;
  /** Only a problem if nothing at or below the path was refused before: what was refused there may be what is missing. */
  readonly ifWhole?: true;
}

/** Says what is wrong with a text, if anything. Pure. */
export type Check = (text: string) => Wrong | undefined;

/** The finding that a check makes at a place, if any. */
export function checked(path: Path, value: string | undefined, check: Check): Finding[] {
  const wrong = value === undefined ? undefined : check(value);
  return wrong === undefined ? [] : [{ path, ...wrong }];
}
