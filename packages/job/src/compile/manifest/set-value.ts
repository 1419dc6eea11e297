import { z } from 'zod';
import { unwrapped } from '../spec/shape.ts';
import { readYaml, type Read } from './yaml-text.ts';

/**
 * The value of one setting, for a target of this schema. Where the target takes a text, it is the text as it stands, so that `1.10`, `#`
 * and `: ` need no quotes behind those of the shell; a text in quotes of YAML is what is in them. Everything else is read as YAML. A target
 * that takes a text or a map gets a map for what begins with a brace. Nothing is null everywhere, which means not set.
 */
export function settingValue(schema: z.core.$ZodType | undefined, text: string): Read {
  const trimmed = text.trim();
  if (trimmed === '') return { value: null };
  const taken = schema === undefined ? 'anything' : takenBy(schema);
  if (taken === 'anything' || isQuoted(trimmed) || (taken === 'text or map' && trimmed.startsWith('{')))
    return readYaml(text);
  return { value: text };
}

/** One that begins with a quote and does not end with it is refused as YAML: the shell has taken the other half. */
function isQuoted(text: string): boolean {
  return text.startsWith('"') || text.startsWith("'");
}

function takenBy(schema: z.core.$ZodType): 'anything' | 'text' | 'text or map' {
  const inner = unwrapped(schema);
  const options = inner instanceof z.ZodUnion ? inner.options : [inner];
  if (!options.some((option) => option instanceof z.ZodString || option instanceof z.ZodEnum)) return 'anything';
  return options.some((option) => option instanceof z.ZodObject) ? 'text or map' : 'text';
}
