/** One measured value, as `--json` writes it. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** To the raw limit of the same run, or to the run before. */
  readonly ratio?: number;
  /** In words, for example `≤ 250 ms` or `≤ 3 × raw`. */
  readonly goal?: string;
  readonly ok?: boolean;
}

/** The smallest value that at least so many percent of the values do not exceed. Pure. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Three digits are as much as a measurement is worth. Pure. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** For lines that people read. Pure. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A table for a terminal that is Markdown as well. Pure. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    ['what', 'value', 'unit', 'ratio', 'goal', 'ok'],
    ...figures.map(({ name, value, unit, ratio, goal = '', ok }) => [
      name,
      String(rounded(value)),
      unit,
      ratio === undefined ? '' : String(rounded(ratio)),
      goal,
      ok === undefined ? '' : ok ? 'yes' : 'NO',
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
