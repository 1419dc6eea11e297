import { Rules, type Occurrence } from './occurrences.ts';
import type { InjectedError } from './postgres-frames.ts';

/** What a rule decides about a statement, or about the moment in which changes become durable. */
export type SqlFate =
  | 'forward'
  /** Neither passed on nor answered, until `release()`. */
  | 'hold'
  /** The connection is reset; the server rolls back what was not committed. */
  | 'reset'
  /** Passed on; the answer is swallowed and the client is left waiting. */
  | 'forward-and-drop'
  /** Passed on; when the answer is there, the client's connection is reset instead. */
  | 'forward-and-reset'
  | { readonly delayMs: number }
  /** Answered here with an error; of a commit, everything is rolled back. */
  | { readonly error: InjectedError };

export interface Statement {
  readonly text: string;
}

export interface StatementRule extends Occurrence<Statement, SqlFate> {
  readonly statement?: RegExp;
}

/** Changes that are about to become durable: the COMMIT of a transaction, or one statement outside of any. */
export interface Commit {
  /** The statements that have changed at least one row, in their order. */
  readonly changes: readonly string[];
}

export interface CommitRule extends Occurrence<Commit, SqlFate> {
  /** Tried on each of the changes. */
  readonly change?: RegExp;
}

export function statementRules(): Rules<Statement, SqlFate, StatementRule> {
  return new Rules(({ statement }, { text }) => statement?.test(text) ?? true);
}

export function commitRules(): Rules<Commit, SqlFate, CommitRule> {
  return new Rules(({ change }, { changes }) => change === undefined || changes.some((text) => change.test(text)));
}
