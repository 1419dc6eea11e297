import { load } from './load.ts';
import { table } from './markdown.ts';

interface Described {
  readonly describeMetrics: () => readonly {
    readonly name: string;
    readonly help: string;
    readonly type: string;
    readonly labels: readonly string[];
    readonly of: 'process' | 'all servers';
  }[];
}

export async function metricsPage(root: string): Promise<string> {
  const { describeMetrics } = await load<Described>(root, 'apps/server/src/metrics/metrics.ts');
  const metrics = describeMetrics().toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const ofAll = (of: 'process' | 'all servers') => metrics.filter((metric) => metric.of === of);
  return [
    '# Metrics',
    '',
    '`GET /metrics` in the Prometheus text format, for a token with the scope `environments:read`. No label holds a repository, a pull',
    'request, a branch or any other text of strangers. [What to watch](../operations.md#what-to-watch).',
    '',
    '## From the database',
    '',
    'The same from every server of one database, so take the largest and do not add them up. Absent while the database does not answer.',
    '',
    rows(ofAll('all servers')),
    '',
    '## Of one process',
    '',
    'Counters and histograms begin at 0 with the process. Beside these there are the usual ones of a Node program, `process_…` and',
    '`nodejs_…`: memory, processor time, open files, event loop lag, garbage collection.',
    '',
    rows(ofAll('process')),
  ].join('\n');
}

function rows(metrics: ReturnType<Described['describeMetrics']>): string {
  return table(
    ['metric', 'type', 'labels', 'what it is'],
    metrics.map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  );
}
