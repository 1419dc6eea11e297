import { quoted } from '../job/next-command.ts';
import type { NameRef } from './pull-request-jobs.ts';
import type { WhereFlags } from './which-way.ts';

/** The commands that a user types next about a pull-request job, ready to be copied. Pure. */
export function nextCommand(verb: string, { name, namespace }: NameRef, { context, cluster }: WhereFlags): string {
  const where = [
    ...(context === undefined ? [] : ['--context', quoted(context)]),
    ...(cluster === undefined ? [] : ['--cluster', quoted(cluster)]),
  ];
  return ['npx', 'ephemera', 'pr-job', ...verb.split(' '), name, '--namespace', namespace, ...where].join(' ');
}
