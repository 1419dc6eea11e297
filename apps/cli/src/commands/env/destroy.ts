import type { Context } from '../../context.ts';
import { askApi, type EnvironmentView } from '../../server-api.ts';
import { plain } from '../../table.ts';
import { environmentNumber, pullRequestOf } from './environment.ts';

export async function destroy(this: Context, { json }: { json: boolean }, id: string): Promise<void> {
  const number = await environmentNumber(this.environment, id);
  const environment = await askApi<EnvironmentView>(this.environment, {
    method: 'DELETE',
    path: `/api/v1/environments/${number}`,
  });
  const { stdout } = this.process;
  stdout.write(json ? `${JSON.stringify(environment, null, 2)}\n` : `${plain(sentence(environment))}\n`);
}

function sentence(environment: EnvironmentView): string {
  const { id, status, held, error_message: reason } = environment;
  const what = `Environment ${id} of ${pullRequestOf(environment)}`;
  if (status === 'destroyed') return `${what} is gone already.`;
  return held
    ? `${what} is being removed. Nothing brings it back but a push, a reopen or: npx ephemera env retry ${id}`
    : `${what} is being removed already. ${reason ?? 'Its pull request is closed.'}`;
}
