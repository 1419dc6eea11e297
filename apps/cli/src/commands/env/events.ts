import type { Context } from '../../context.ts';
import { readApi, type EventView } from '../../server-api.ts';
import { plain } from '../../table.ts';
import { pullRequestOf, readEnvironment } from './environment.ts';
import { timelineTable } from './timeline.ts';

export async function events(this: Context, { json }: { json: boolean }, id: string): Promise<void> {
  const environment = await readEnvironment(this.environment, id);
  const found = await readApi<EventView[]>(this.environment, `/api/v1/environments/${environment.id}/events`);
  const { stdout, stderr } = this.process;
  if (json) {
    stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    return;
  }
  stderr.write(`${plain(pullRequestOf(environment))}, opened ${environment.created_at}, now ${environment.status}\n`);
  stdout.write(`${timelineTable(found, environment.created_at)}\n`);
}
