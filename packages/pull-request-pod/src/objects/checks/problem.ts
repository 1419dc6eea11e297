import type { OrderProblem } from '../errors.ts';

/** What is wrong with one value, and what to write instead. Never quotes the value. */
export type Wrong = Omit<OrderProblem, 'path'>;

/** Undefined: nothing is wrong. */
export type Check<Value> = (value: Value) => Wrong | undefined;
export type TextCheck = Check<string>;

/** Everything that is wrong, one after the other; reading goes on after the first problem, so that all are told at once. */
export class Problems {
  readonly found: OrderProblem[] = [];

  /** Returns undefined: what is wrong has no value. */
  add(path: string, wrong: Wrong | undefined): undefined {
    if (wrong !== undefined) this.found.push({ path, ...wrong });
  }

  /** The text at `path`, checked; undefined where it is not there or not right, which is noted then. */
  text(path: string, value: unknown, check: TextCheck): string | undefined {
    if (typeof value !== 'string') return this.add(path, value === undefined ? missing : notText);
    const wrong = check(value);
    this.add(path, wrong);
    return wrong === undefined ? value : undefined;
  }

  optionalText(path: string, value: unknown, check: TextCheck): string | undefined {
    return value === undefined ? undefined : this.text(path, value, check);
  }

  oneOf<Word extends string>(path: string, value: unknown, words: readonly Word[]): Word | undefined {
    if (value === undefined) return undefined;
    const word = words.find((known) => known === value);
    if (word === undefined) this.add(path, { problem: 'is none of its values', fix: `Write ${words.join(' or ')}.` });
    return word;
  }

  integer(path: string, value: unknown, { least, most }: { least: number; most: number }): number | undefined {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    const fix = `Write a whole number from ${least} to ${most}.`;
    return this.add(path, value === undefined ? { ...missing, fix } : { problem: 'is not such a number', fix });
  }
}

const missing: Wrong = { problem: 'is missing', fix: 'Add it.' };
const notText: Wrong = { problem: 'is not a text', fix: 'Put it in quotes.' };

/** Without line breaks, tabs, escape sequences and broken Unicode, and not too long. */
export function printable(most: number): TextCheck {
  return (text) => {
    if (text === '') return { problem: 'is empty', fix: 'Write a text, or leave it out.' };
    if (text.length > most) return { problem: `has ${text.length} characters`, fix: `Use at most ${most} characters.` };
    if (hasControl(text)) return { problem: 'has control characters', fix: 'Write it on one line, without tabs.' };
    return undefined;
  };
}

export function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text) || !text.isWellFormed();
}
