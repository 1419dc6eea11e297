import type { Context } from '../../context.ts';
import { readApi, type EventView } from '../../server-api.ts';
import { plain } from '../../table.ts';
import { pullRequestOf, readEnvironment, urlOf } from './environment.ts';
import { timelineTable } from './timeline.ts';

export async function show(this: Context, { json }: { json: boolean }, id: string): Promise<void> {
  const environment = await readEnvironment(this.environment, id);
  const events = await readApi<EventView[]>(this.environment, `/api/v1/environments/${environment.id}/events`);
  const { stdout } = this.process;
  if (json) {
    stdout.write(`${JSON.stringify({ ...environment, events }, null, 2)}\n`);
    return;
  }
  const facts = [
    ['pull request', `${pullRequestOf(environment)} ${environment.pr_title ?? ''}`],
    ['branch', environment.branch_name],
    ['commit', environment.commit_sha],
    ['status', environment.held ? `${environment.status} (by hand)` : environment.status],
    ['reason', environment.error_message ?? '—'],
    ['namespace', `${environment.namespace} (generation ${environment.generation})`],
    ['url', urlOf(environment)],
  ] as const;
  stdout.write(`${facts.map(([name, value]) => `${name.padEnd(14)}${plain(value)}`).join('\n')}\n\n`);
  stdout.write(`${timelineTable(events, environment.created_at)}\n`);
}
