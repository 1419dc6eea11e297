import type { Context } from '../../context.ts';
import { askApi, type EnvironmentView } from '../../server-api.ts';
import { plain } from '../../table.ts';
import { environmentNumber, pullRequestOf } from './environment.ts';

interface Retried extends EnvironmentView {
  readonly did: 'steps' | 'removal' | 'generation' | 'nothing';
}

export async function retry(this: Context, { json }: { json: boolean }, id: string): Promise<void> {
  const number = await environmentNumber(this.environment, id);
  const retried = await askApi<Retried>(this.environment, {
    method: 'POST',
    path: `/api/v1/environments/${number}/retry`,
  });
  const { stdout } = this.process;
  stdout.write(json ? `${JSON.stringify(retried, null, 2)}\n` : `${plain(sentence(retried))}\n`);
}

const outcomes: Readonly<Record<Retried['did'], string>> = {
  steps: 'its steps run again.',
  removal: 'its removal is tried again.',
  generation: 'it is no longer held; an open pull request gets a new environment.',
  nothing: 'there is nothing to try again',
};

function sentence(retried: Retried): string {
  const { id, status, did } = retried;
  const why = did === 'nothing' ? `: it is ${status}.` : '';
  return `Environment ${id} of ${pullRequestOf(retried)}: ${outcomes[did]}${why}`;
}
