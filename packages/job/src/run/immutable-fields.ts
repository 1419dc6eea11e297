/** A path right before the words with which the API server refuses it. */
const refusal = /(?<![\w.])(spec(?:\.\w+(?:\[\d+\])?)+): (?:Invalid value|Forbidden|Required value|Unsupported value)/g;
const unchangeable = /: field is immutable/;

/**
 * Which fields of a Job the API server refuses to change, from its own words; undefined when it refuses for another reason. The words
 * quote whole values, which anybody may have written, so only paths are taken out of them. Pure.
 */
export function immutableFields(reason: string): readonly string[] | undefined {
  if (!unchangeable.test(reason)) return undefined;
  return [...new Set(Array.from(reason.matchAll(refusal), ([, path]) => path ?? ''))];
}
