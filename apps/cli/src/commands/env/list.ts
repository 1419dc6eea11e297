import type { Context } from '../../context.ts';
import { readApi, type EnvironmentView } from '../../server-api.ts';
import { table } from '../../table.ts';
import { pullRequestOf, urlOf } from './environment.ts';

interface Flags {
  readonly repository?: string;
  readonly all: boolean;
  readonly json: boolean;
}

/** The API lists no more at once. */
const listLimit = 100;

export async function list(this: Context, { repository, all, json }: Flags): Promise<void> {
  const query = new URLSearchParams({ active_only: String(!all), ...(repository === undefined ? {} : { repository }) });
  const environments = await readApi<EnvironmentView[]>(this.environment, `/api/v1/environments?${query.toString()}`);
  const { stdout, stderr } = this.process;
  if (environments.length >= listLimit) {
    stderr.write(
      `These are the newest ${listLimit}; there may be more. --repository OWNER/NAME shows those of one repository.\n`,
    );
  }
  if (json) {
    stdout.write(`${JSON.stringify(environments, null, 2)}\n`);
    return;
  }
  if (environments.length === 0) {
    stderr.write(
      all
        ? 'There are no environments.\n'
        : 'No pull request has an environment now. --all also shows those that are gone.\n',
    );
    return;
  }
  const rows = environments.map((environment) => [
    String(environment.id),
    pullRequestOf(environment),
    environment.status,
    environment.commit_sha.slice(0, 7),
    environment.namespace,
    urlOf(environment),
  ]);
  stdout.write(`${table(['ID', 'PULL REQUEST', 'STATUS', 'COMMIT', 'NAMESPACE', 'URL'], rows)}\n`);
}
