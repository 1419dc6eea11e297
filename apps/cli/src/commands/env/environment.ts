import { readApi, type EnvironmentView } from '../../server-api.ts';

/** What `env` commands take as ID: the number of an environment, or its namespace. */
export async function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  id: string,
): Promise<EnvironmentView> {
  const path = isNumber(id) ? id : `namespace/${encodeURIComponent(id)}`;
  return readApi<EnvironmentView>(variables, `/api/v1/environments/${path}`);
}

/** The number alone, without a question where it is one: a token that may only write can then be used. */
export async function environmentNumber(
  variables: Readonly<Record<string, string | undefined>>,
  id: string,
): Promise<number | string> {
  return isNumber(id) ? id : (await readEnvironment(variables, id)).id;
}

export function pullRequestOf(environment: EnvironmentView): string {
  return `${environment.repository_full_name}#${environment.pr_number}`;
}

/** The address, where something answers there for this generation. */
export function urlOf({ status, environment_url: url }: EnvironmentView): string {
  return status === 'destroyed' ? '—' : url;
}

function isNumber(id: string): boolean {
  return /^\d+$/.test(id);
}
