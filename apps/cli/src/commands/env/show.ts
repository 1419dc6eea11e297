import type { Context } from '../../context.ts';
import { readApi, type EnvironmentView, type EventView } from '../../server-api.ts';
import { plain, table } from '../../table.ts';

export async function show(this: Context, { json }: { json: boolean }, id: string): Promise<void> {
  const path = /^\d+$/.test(id) ? id : `namespace/${encodeURIComponent(id)}`;
  const environment = await readApi<EnvironmentView>(this.environment, `/api/v1/environments/${path}`);
  const events = await readApi<EventView[]>(this.environment, `/api/v1/environments/${environment.id}/events`);
  const { stdout } = this.process;
  if (json) {
    stdout.write(`${JSON.stringify({ ...environment, events }, null, 2)}\n`);
    return;
  }
  const facts = [
    ['pull request', `${environment.repository_full_name}#${environment.pr_number} ${environment.pr_title ?? ''}`],
    ['branch', environment.branch_name],
    ['commit', environment.commit_sha],
    ['status', environment.status],
    ['reason', environment.error_message ?? '—'],
    ['namespace', `${environment.namespace} (generation ${environment.generation})`],
    ['url', environment.environment_url],
  ] as const;
  stdout.write(`${facts.map(([name, value]) => `${name.padEnd(14)}${plain(value)}`).join('\n')}\n\n`);
  const startedAt = Date.parse(environment.created_at);
  const rows = events.map((event) => [
    `+${((Date.parse(event.at) - startedAt) / 1000).toFixed(2)} s`,
    event.kind === 'step' ? `step ${event.name}` : event.name,
    event.commit_sha.slice(0, 7),
    event.message ?? '',
  ]);
  stdout.write(`${table(['SINCE OPENED', 'EVENT', 'COMMIT', 'MESSAGE'], rows)}\n`);
}
