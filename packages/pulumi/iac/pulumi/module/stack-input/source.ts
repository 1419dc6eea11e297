import { readFileSync } from 'node:fs';
import * as pulumi from '@pulumi/pulumi';
import { StackInputMissing, StackInputUnreadable } from '../errors.ts';
import { quoted } from '../quoted.ts';
import {
  STACK_INPUT,
  STACK_INPUT_CONFIG_KEY,
  STACK_INPUT_CONFIG_NAME,
  STACK_INPUT_CONFIG_NAMESPACE,
  STACK_INPUT_YAML,
  STACK_INPUT_YAML_FILE,
} from '../vars.ts';
import { decodeText, utf8 } from './decode.ts';

/** Where the stack input may stand. */
export interface Surroundings {
  /** The value of the configuration key `planton-cloud:stack-input`. */
  readonly config: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The text of the stack input, where it comes from, and the sources that have a value too and are not read. */
export interface SourceText {
  readonly source: string;
  readonly text: string;
  readonly ignored: readonly string[];
}

export function surroundings(): Surroundings {
  return { config: new pulumi.Config(STACK_INPUT_CONFIG_NAMESPACE).get(STACK_INPUT_CONFIG_NAME), env: process.env };
}

/** The first source that is not empty. Throws `StackInputMissing`, `StackInputUnreadable`. */
export function sourceText({ config, env }: Surroundings): SourceText {
  const sources = [
    { source: STACK_INPUT_CONFIG_KEY, value: config, read: decodeText },
    { source: STACK_INPUT, value: env[STACK_INPUT], read: decodeText },
    { source: STACK_INPUT_YAML, value: env[STACK_INPUT_YAML], read: (_: string, value: string) => value },
    { source: STACK_INPUT_YAML_FILE, value: env[STACK_INPUT_YAML_FILE], read: fileText },
  ].filter(({ value }) => value !== undefined && value.trim() !== '');
  const [first, ...others] = sources;
  if (first?.value === undefined) throw new StackInputMissing({});
  return {
    source: first.source,
    text: first.read(first.source, first.value),
    ignored: others.map(({ source }) => source),
  };
}

function fileText(source: string, path: string): string {
  try {
    return utf8(source, readFileSync(path));
  } catch (cause) {
    if (cause instanceof StackInputUnreadable) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new StackInputUnreadable(
      {
        source,
        problem: `is to be read from the file ${quoted(path)}, which cannot be read (${code})`,
        fix: 'Give the path of a file with the stack input as YAML; a relative one starts at the folder of the project.',
      },
      { cause },
    );
  }
}
