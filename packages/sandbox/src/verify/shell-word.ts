/** Text of a stranger as one word of a command that people copy: a shell takes it for nothing but that. Pure. */
export function shellWord(text: string): string {
  return /^[\w.:@/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same as the last argument of a command, where a name with a dash in front would be taken for a flag. Pure. */
export function lastArgument(name: string): string {
  return name.startsWith('-') ? `-- ${shellWord(name)}` : shellWord(name);
}
