/** A command of a page, and what stands below it. */
export interface Typed {
  readonly command: string;
  readonly output: string;
}

/** The texts of all code blocks of one language, in their order. */
export function codeBlocks(page: string, language: string): readonly string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...page.matchAll(pattern)].map(([, text = '']) => text);
}

/** What a page shows as typed into a shell. Remarks after two blanks and `#` are none of the command. */
export function typedOn(page: string): readonly Typed[] {
  return codeBlocks(page, 'console').flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((each) => {
        const [, command = '', output = ''] = /^((?:[^\n]*\\\n)*[^\n]*)\n([\s\S]*)$/.exec(each) ?? [];
        return { command: command.replace(/ {2,}# .*$/, ''), output };
      }),
  );
}

/** The same lines whatever the indentation and the empty lines between them. */
export function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
