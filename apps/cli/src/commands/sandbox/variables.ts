import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Context } from '../../context.ts';
import { problemOf } from '../../env-file.ts';
import { BadInput } from '../../errors.ts';
import { looksLikeContent, systemProblem } from '../job/read-text.ts';

export interface VariableFlags {
  /** `NAME=VALUE`, or `NAME` for the value that this process has. */
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
}

type Variables = Readonly<Record<string, string>>;

/**
 * Files in their order, then `--env` in its order; the last word about a name counts. Values may be secret, so no message has one. Undefined
 * where no flag is given: what a sandbox got before stays. Throws `cli.bad_input`.
 */
export function variablesOf(flags: VariableFlags, environment: Context['environment']): Variables | undefined {
  const { env = [], envFile = [] } = flags;
  if (env.length === 0 && envFile.length === 0) return undefined;
  const files = envFile.map((path) => Object.entries(readVariables(path)));
  const words = env.map((word) => variableOf(word, environment));
  return Object.fromEntries([...files.flat(), ...words]);
}

/** One `--env`. Pure. */
export function variableOf(word: string, environment: Context['environment']): readonly [string, string] {
  const at = word.indexOf('=');
  if (at === 0)
    throw new BadInput({ problem: '--env has no name before its =.', hint: 'Write --env NAME or --env NAME=VALUE.' });
  if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
  const value = environment[word];
  if (value !== undefined) return [word, value];
  throw new BadInput({
    problem: `--env ${JSON.stringify(word)} is to be the variable of that name, and there is none here.`,
    hint: 'Set and export it first, or write --env NAME=VALUE.',
  });
}

function readVariables(path: string): Variables {
  const name = looksLikeContent(path) ? 'The value of --env-file' : path;
  const text = textOf(path, name);
  const problem = problemOf(text);
  if (problem !== undefined)
    throw new BadInput({ problem: `${name} cannot be used: ${problem}.`, hint: 'It holds one NAME=value a line.' });
  // What was found above gives only texts.
  return parseEnv(text) as Variables;
}

function textOf(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const hint = 'Name a file of NAME=value lines.';
    throw new BadInput({ problem: `${name} cannot be read: ${systemProblem(error)}.`, hint });
  }
}
