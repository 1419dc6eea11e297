import type { HttpCall } from './http-rules.ts';
import type { Commit } from './postgres-rules.ts';

/** What changes something outside of the server, named so that two runs give the same effect the same name. Pure. */

/** A write to the cluster. Reviews ask a question, and a dry run changes nothing. */
export function clusterEffect({ method, path }: HttpCall): string | undefined {
  if (method === 'GET' || /[?&]dryRun=/.test(path) || path.startsWith('/apis/authorization.k8s.io/')) return undefined;
  return `cluster ${method} ${withoutNames(path)}`;
}

export function githubEffect({ method, path }: HttpCall): string | undefined {
  return method === 'GET' ? undefined : `github ${method} ${withoutNames(path)}`;
}

/** Undefined for a heartbeat, which says again what was said before. */
export function databaseEffect({ changes }: Commit): string | undefined {
  const kinds = changes.map(changeOf).filter((kind) => kind !== 'update work (lease_until)');
  return kinds.length === 0 ? undefined : `database ${[...new Set(kinds)].join('; ')}`;
}

/** `insert work`, `update work (due_at, lease_owner)`: the verb, the table and the columns that are set. */
function changeOf(statement: string): string {
  const text = statement.replaceAll('"', '').replaceAll(/\s+/g, ' ').trim();
  if (/^with /i.test(text)) {
    return [...text.matchAll(/(?<!\bfor )\b(insert into|update|delete from) (\w+)/gi)]
      .map(([change]) => change)
      .join(' + ');
  }
  const table = /^(?:insert into|update|delete from|merge into) (\w+)/i.exec(text)?.[1] ?? text.slice(0, 60);
  const verb = text.slice(0, text.indexOf(' ')).toLowerCase();
  return verb === 'update' ? `update ${table} (${columnsSet(text).join(', ')})` : `${verb} ${table}`;
}

function columnsSet(text: string): string[] {
  const assignments = / set (.*?)(?: from | where | returning |$)/i.exec(flattened(text))?.[1] ?? '';
  return assignments
    .split(',')
    .map((assignment) => assignment.split('=', 1)[0]?.trim() ?? '')
    .toSorted();
}

/** Without what stands in brackets, whose commas and keywords belong to something else. */
function flattened(text: string): string {
  const inner = text.replaceAll(/\([^()]*\)/g, '').replaceAll(/case .*? end/gi, '');
  return inner === text ? text : flattened(inner);
}

/** A path without what differs from run to run: the names of namespaces, jobs and repositories, SHAs and numbers. */
function withoutNames(path: string): string {
  return path
    .replace(/\?.*$/, '')
    .replaceAll(/\/namespaces\/pr-[^/]+/g, '/namespaces/{namespace}')
    .replaceAll(/pr-job-[a-z0-9-]+-\d{13}/g, '{job}')
    .replace(/\/repos\/[^/]+\/[^/]+/, '/repos/{repository}')
    .replaceAll(/\/[0-9a-f]{40}(?=\/|$)/g, '/{sha}')
    .replaceAll(/\/\d+(?=\/|$)/g, '/{number}');
}
