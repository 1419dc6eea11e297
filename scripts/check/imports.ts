const STATEMENT = /^[ \t]*(?:import|export)\b(?:[^'"`;()]*?\bfrom)?\s*['"]([^'"\n]+)['"]/gm;
const CALL = /\bimport\s*\(\s*['"]([^'"\n]+)['"]\s*\)/g;
const COMMENT = /\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$/gm;

/** The modules that a source names. By patterns and not by a parser: statements start a line in formatted code. */
export function importsOf(text: string): readonly string[] {
  const code = text.replaceAll(COMMENT, '');
  return [...code.matchAll(STATEMENT), ...code.matchAll(CALL)].map((match) => String(match[1]));
}
