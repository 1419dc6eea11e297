import { plain } from '../table.ts';

/** The comment as GitHub would show it, drawn with characters: heading, text, and the table as aligned rows. Pure. */
export function commentBox(author: string, markdown: string): string {
  const visible = markdown
    .replace(/<!--.*?-->/gs, '')
    .split('\n')
    .filter((line) => !/^\|[\s|-]*\|$/.test(line))
    .map((line) => plain(withoutMarkup(line)));
  while (visible[0] === '') visible.shift();
  const width = Math.max(author.length + 14, ...visible.map((line) => displayWidth(line))) + 2;
  const title = `─ ${author} commented `;
  return [
    `  ╭${title}${'─'.repeat(width - title.length)}╮`,
    ...visible.map((line) => `  │ ${line}${' '.repeat(width - 1 - displayWidth(line))}│`),
    `  ╰${'─'.repeat(width)}╯`,
  ].join('\n');
}

function withoutMarkup(line: string): string {
  const cells = /^\| (.*) \| (.*) \|$/.exec(line);
  if (cells) return `${withoutMarkup(cells[1] ?? '').padEnd(12)}${withoutMarkup(cells[2] ?? '')}`;
  return line
    .replace(/^#+ /, '')
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$2')
    .replace(/\*\*(.*?)\*\*/g, '$1')
    .replace(/^_(.*)_$/, '$1')
    .replaceAll('`', '');
}

/** Terminals draw the coloured circles two columns wide. */
function displayWidth(text: string): number {
  return text.replace(/\p{Emoji_Presentation}|⚪/gu, '  ').length;
}
