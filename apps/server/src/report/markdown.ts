/**
 * Text of strangers inside a Markdown code span: no line breaks, no way out of the span, no mention that notifies anybody.
 * The fence is longer than any run of backticks inside, as CommonMark asks.
 */
export function code(text: string, { longest: most = 200 }: { longest?: number } = {}): string {
  const flat = text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll('|', '¦')
    .trim()
    .slice(0, most)
    // Half a character, left by the cut, is nothing that an API takes.
    .replace(/[\uD800-\uDBFF]$/, '');
  if (flat === '') return '—';
  const longest = Math.max(0, ...(flat.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${flat}${fence}` : `${fence} ${flat} ${fence}`;
}
