import { readManifest } from '@ephemera/job/compile';
import { doing } from '../errors.ts';
import { warn } from '../warn.ts';
import { parseStackInput } from './parse.ts';
import { sourceText, surroundings } from './source.ts';
import type { StackInput } from './stack-input.ts';

/**
 * Reads and checks the stack input of the running program: the configuration key `planton-cloud:stack-input`, then the environment's
 * STACK_INPUT (base64 or plain), STACK_INPUT_YAML (plain) and STACK_INPUT_YAML_FILE (a path); the first that is not empty. The others are named in a warning.
 */
export function readStackInput(from = surroundings()): StackInput {
  return doing('reading the stack input', () => {
    const { source, text, ignored } = sourceText(from);
    if (ignored.length > 0) warn(`The stack input is read from ${source}; ignored: ${ignored.join(', ')}.`);
    const { input, warnings } = parseStackInput(readManifest(text, { source }), source);
    for (const warning of warnings) warn(warning);
    return input;
  });
}
